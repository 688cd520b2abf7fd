#pragma once

#include "api/oms_upgrade.hpp"

#include <filesystem>
#include <optional>
#include <string_view>

namespace oms::controller {

// A resource in a file: its YAML, and below it a comment with the SHA-256 of all that stands above.
// A state that was damaged, or edited by hand, must be seen to be so: half a status reads like that
// of an upgrade that has not begun, and an upgrade begun twice destroys what the first one kept.

void write_state_file(const std::filesystem::path&, const api::OmsUpgrade&);

/// Empty when there is no such file. Throws Terminal, with what a person can do, when it is
/// damaged.
std::optional<api::OmsUpgrade> read_state_file(const std::filesystem::path&);

api::OmsUpgrade parse_state_file(std::string_view text, const std::filesystem::path& source);

}  // namespace oms::controller
