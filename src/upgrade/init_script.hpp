#pragma once

#include "upgrade/scripts.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace oms::upgrade {

/// The script that upgrades OMS's metadata on a node: docker_upgrade.sh (procedure); in the
/// Community Edition docker_init.sh (oms-facts 4.3).
Script metadata_script(const Target&, std::size_t node);

/// What says that a docker_init.sh that ended with 0 did not do everything, for a person: it hides
/// exit codes of what it calls (oms-facts 0.12), so its last line and /root/init_flag.txt are
/// looked at too. `folder` is its journal. Empty: it did.
std::optional<std::string> unfinished_business(const runtime::Host&,
                                               const runtime::Container&,
                                               const std::string& folder);

}  // namespace oms::upgrade
