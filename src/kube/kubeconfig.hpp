#pragma once

#include "kube/connection.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace oms::kube {

/// Reads kubeconfig files, the first one winning where two say the same thing, and takes one
/// context of them (`context`, else current-context). Files that do not exist are passed over as
/// long as one does. Throws Terminal; no message shows a credential.
Connection read_kubeconfig(const std::vector<std::filesystem::path>& files,
                           const std::optional<std::string>& context);

}  // namespace oms::kube
