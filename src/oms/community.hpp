#pragma once

#include "oms/version.hpp"

#include <optional>
#include <string>
#include <vector>

/// What is different in the Community Edition (oms-facts 4.3 and 7).
namespace oms {

/// Whether OMS CE can go from `source` to `target` in one upgrade: the steps that its documents
/// state, from 4.0.0-CE on. For a release whose sources they do not state, only the release right
/// before it counts: that is how every early one is described. Both versions are of the Community
/// Edition and differ. Empty when it can; else with the way there, where there is one.
std::optional<PathProblem> check_community_path(const Version& source, const Version& target);

/// Does the initialization of `target` refuse with "Version before 4.1.1 is not allowed to upgrade"
/// where MetaDB has no oms_version row (oms-facts 0.11, 4.3: documented from 4.2.9-CE on)?
bool needs_version_row(const Version& target);

/// What a person should know after an upgrade from `source` to `target`, in sentences; empty for
/// the Enterprise Edition.
std::vector<std::string> community_follow_up(const Version& source, const Version& target);

/// Did docker_init.sh print that it did everything (oms-facts 5.2: its last line, in English or in
/// Chinese)? Its exit code alone does not say so (oms-facts 0.12).
bool init_has_completed(std::string_view log_tail);

}  // namespace oms
