#pragma once

#include "upgrade/target.hpp"
#include "upgrade/tools.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace oms::upgrade {

/// The programs that are RUNNING in each node's new container, in the order of `nodes`; all nodes
/// are asked at the same time.
std::vector<std::set<std::string>> programs_on(const Tools&,
                                               const Target&,
                                               const std::vector<std::size_t>& nodes);

/// Stops oms_console on the nodes where it runs, and waits until it is down.
void stop_consoles(Tools&, const Target&, const std::vector<std::size_t>& nodes);

/// A node whose console is not set to start with its container, or does not run: with
/// IS_UPGRADE=true it is held back until docker_upgrade.sh has run there (oms-facts 4.2). Empty:
/// all run.
std::optional<std::string> console_held_back(const Tools&,
                                             const Target&,
                                             const std::vector<std::size_t>& nodes);

/// Sets oms_console to start on the nodes, starts it, and waits until it runs.
void release_consoles(Tools&, const Target&, const std::vector<std::size_t>& nodes);

/// What a person types for the last one.
std::vector<std::string> release_lines(const Target&, const std::vector<std::size_t>& nodes);

}  // namespace oms::upgrade
