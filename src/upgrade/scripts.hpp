#pragma once

#include "runtime/job.hpp"
#include "upgrade/target.hpp"
#include "upgrade/tools.hpp"
#include "upgrade/verdict.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace oms::upgrade {

/// A command inside the new OMS that must run once (oms-facts 0.12): a journaled job under the
/// run's id, so that one that was begun is never begun again.
struct Script {
    std::string_view journal;  // name of its folder
    std::string said;          // what messages call it: "/root/docker_upgrade.sh"
    std::vector<std::string> command;
};

/// The folder of its journal, as the container sees it.
std::string journal_of(const Target&, const Script&);

runtime::JobState look_at_script(const runtime::Host&,
                                 const runtime::Container&,
                                 const Target&,
                                 const Script&);

/// Done when it ended with 0, Due when it was not begun, Stuck when it failed or was interrupted.
Verdict judge_script(const Target&, const Script&, const runtime::JobState&);

/// Begins it in /root, and returns when it is seen to have begun.
void begin_script(Tools&, runtime::Host&, const runtime::Container&, const Target&, const Script&);

/// The programs that supervisord says are RUNNING; empty when the container does not.
std::set<std::string> running_programs(const runtime::Host&, const std::string& container);

}  // namespace oms::upgrade
