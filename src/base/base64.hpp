#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace oms {

std::string to_base64(std::string_view bytes);

/// Empty when `text` is not base64. White space (kubeconfig wraps lines) is skipped.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace oms
