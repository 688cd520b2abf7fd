#pragma once

#include "oms/names.hpp"
#include "runtime/job.hpp"
#include "upgrade/target.hpp"
#include "upgrade/tools.hpp"
#include "upgrade/verdict.hpp"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace oms::upgrade {

/// A command inside the new OMS that must run once (oms-facts 0.12): a journaled job under the
/// run's id, so that one that was begun is never begun again.
struct Script {
    std::size_t node = 0;
    std::string_view journal;  // name of its folder
    std::string said;          // what messages call it: "/root/docker_upgrade.sh"
    std::vector<std::string> command;
    bool leaves_marks = false;  // docker_init.sh, whose exit code alone tells nothing
    std::string folder = std::string(kScriptFolder);  // in which it is run
};

/// Scripts that run one after the other, never two at once: they change the same databases.
using Scripts = std::vector<Script>;

/// How far scripts have come.
struct ScriptsLook {
    std::size_t next = 0;  // the first that has not ended with 0; their number when all have
    bool running = false;  // the new container of that one's node
    runtime::JobState job;
    std::optional<std::string> unfinished;  // why one that ended with 0 has not succeeded
};

/// What a script printed, without the passwords of the config.yaml in its container: a driver's
/// error may name the whole connection.
std::string without_passwords(const runtime::Host&, const std::string& container, std::string text);

/// Where the journal of a script is, as its container sees it.
std::string job_folder(const Target&, const Script&);

ScriptsLook look_at_scripts(const Tools&, const Target&, const Scripts&);

/// Done when all ended with 0, Due when the next one was not begun, Stuck when one failed or was
/// interrupted, or when the container that should run the next one does not run.
Verdict judge_scripts(const Target&, const Scripts&, const ScriptsLook&);

/// Begins a script in its folder, and returns when it is seen to have begun.
void begin_script(Tools&, const Target&, const Script&);

/// What a person types for it.
std::string shell_line(const Target&, const Script&);

/// The programs that supervisord says are RUNNING; empty when the container does not.
std::set<std::string> running_programs(const runtime::Host&, const std::string& container);

/// The nodes that have a console, so all but those that only hold components.
std::vector<std::size_t> console_nodes(const Target&);

/// Looks every 50 ms until it is so, at most half a minute, or until asked to stop.
void wait_until(Tools&, const std::function<bool()>& is_so);

}  // namespace oms::upgrade
