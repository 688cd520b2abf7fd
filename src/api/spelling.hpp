#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oms::api {

/// The one of `known` that a person may have meant by `name`; empty when none is close enough.
std::optional<std::string_view> did_you_mean(std::string_view name,
                                             const std::vector<std::string_view>& known);

/// "a, b or c".
std::string join_or(const std::vector<std::string_view>& names);

}  // namespace oms::api
