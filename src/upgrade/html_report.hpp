#pragma once

#include "api/oms_upgrade.hpp"
#include "base/clock.hpp"

#include <string>
#include <vector>

namespace oms::upgrade {

/// config.yaml of one node, before the upgrade and as it was rendered for the new version.
struct ConfigPair {
    std::string container;
    std::string before;
    std::string after;
};

/// One upgrade as one page of HTML that refers to nothing outside: its times, phases, downtime by
/// part, nodes, backup, findings, and what changed in config.yaml and ha.config. Passwords are
/// masked, whatever the page is made from. Throws Terminal when no run was begun.
std::string html_report(const api::OmsUpgrade&, const std::vector<ConfigPair>& configs, Time now);

}  // namespace oms::upgrade
