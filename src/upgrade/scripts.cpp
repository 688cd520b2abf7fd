#include "upgrade/scripts.hpp"

#include "base/overloaded.hpp"
#include "oms/names.hpp"
#include "oms/supervisor.hpp"

namespace oms::upgrade {
namespace {

using namespace std::chrono_literals;

constexpr auto kBeginTimeout = 30s;

std::string last_line(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    if (text.empty()) return "";
    const std::size_t start = text.rfind('\n');
    return "; last line: " + text.substr(start == std::string::npos ? 0 : start + 1, 300);
}

}  // namespace

std::string journal_of(const Target& target, const Script& script) {
    return std::string(kLogsPath) + "/oms-operator/" + target.run_id + "/" +
           std::string(script.journal);
}

runtime::JobState look_at_script(const runtime::Host& host,
                                 const runtime::Container& container,
                                 const Target& target,
                                 const Script& script) {
    return runtime::look_at_job(host, container, journal_of(target, script));
}

Verdict judge_script(const Target& target, const Script& script, const runtime::JobState& job) {
    const std::string log = journal_of(target, script) + "/log in " + target.new_container(0);
    return std::visit(
        Overloaded{
            [&](const runtime::JobNotBegun&) -> Verdict {
                return Due{script.said + " has not been run"};
            },
            [&](const runtime::JobRunning&) -> Verdict { return Pending{script.said + " runs"}; },
            [&](const runtime::JobEnded& end) -> Verdict {
                if (end.exit_code == 0) return Done{};
                return Stuck{script.said + " ended with " + std::to_string(end.exit_code) +
                             "; its output is in " + log + last_line(end.log_tail)};
            },
            [&](const runtime::JobInterrupted&) -> Verdict {
                return Stuck{script.said +
                             " was interrupted, and it must not be run again; its output is in " +
                             log};
            },
        },
        job);
}

void begin_script(Tools& tools,
                  runtime::Host& host,
                  const runtime::Container& container,
                  const Target& target,
                  const Script& script) {
    runtime::start_job(
        host, container, journal_of(target, script), std::string(kScriptFolder), script.command);
    // The daemon answers before the command has claimed its journal. Looked at too early, the
    // job would seem not begun, and the attempts be used up in a moment.
    const Time end = tools.now() + kBeginTimeout;
    while (tools.now() < end && !tools.stop().stop_requested()) {
        const auto job = look_at_script(host, container, target, script);
        if (!std::holds_alternative<runtime::JobNotBegun>(job)) return;
        tools.wait(50ms);
    }
}

std::set<std::string> running_programs(const runtime::Host& host, const std::string& container) {
    std::set<std::string> running;
    const auto answer = host.ask(container, {"supervisorctl", "status"}, 10s);
    if (!answer) return running;
    for (const auto& program : parse_supervisor_status(answer->out))
        if (program.state == "RUNNING") running.insert(program.name);
    return running;
}

}  // namespace oms::upgrade
