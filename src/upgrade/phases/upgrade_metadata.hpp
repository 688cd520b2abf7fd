#pragma once

#include "base/overloaded.hpp"
#include "oms/names.hpp"
#include "oms/supervisor.hpp"
#include "runtime/job.hpp"
#include "upgrade/phase.hpp"

#include <algorithm>
#include <optional>

namespace oms::upgrade {

/// Run docker_upgrade.sh, once (procedure, "Run the sh /root/docker_upgrade.sh command").
///
///   Done when  the script has ended with 0.
///   Undone     always: what it did to MetaDB is put back by BackupMetaDB.
///   Why here   the new OMS must be up as far as CM and Supervisor; the console waits for this.
///
/// The script is not safe to run twice (oms-facts 0.12), so it is a journaled job under the run's
/// id: one that was begun is never begun again, and one that was interrupted means going back.
struct UpgradeMetadata {
    static constexpr std::string_view kName = "UpgradeMetadata";
    static constexpr std::string_view kMilestone = "MetadataUpgraded";
    static constexpr std::chrono::seconds kDeadline{3600};
    static constexpr std::chrono::milliseconds kLookAgain{50};
    /// Asking twice does not run it twice; the first request may have been lost.
    static constexpr int kPushesMax = 3;
    static constexpr bool kTouchesOms = true;

    static constexpr std::chrono::seconds kBeginTimeout{30};

    struct Facts {
        bool running = false;  // the new container, on the first node
        bool ready = false;    // CM and Supervisor run; not asked once the job was begun
        runtime::JobState job;
    };

    static Facts observe(const Target& target, const Tools& tools, Goal goal) {
        Facts facts;
        if (goal == Goal::Reverted) return facts;
        const runtime::Host& host = tools.host(0);
        const auto container = host.find_container(target.new_container(0));
        if (!container) return facts;
        facts.running = container->running;
        facts.job = runtime::look_at_job(host, *container, folder(target));
        if (std::holds_alternative<runtime::JobNotBegun>(facts.job))
            facts.ready = is_ready(host, container->name);
        return facts;
    }

    static Verdict judge(const Target& target, const Facts& facts, Goal goal) {
        if (goal == Goal::Reverted) return Done{};
        const std::string script(kUpgradeScript);
        const std::string log = folder(target) + "/log in " + target.new_container(0);
        return std::visit(
            Overloaded{
                [&](const runtime::JobNotBegun&) -> Verdict {
                    if (!facts.running) return Stuck{target.new_container(0) + " does not run"};
                    if (!facts.ready) return Pending{"OMS is starting: CM or Supervisor is not up"};
                    return Due{script + " has not been run"};
                },
                [&](const runtime::JobRunning&) -> Verdict { return Pending{script + " runs"}; },
                [&](const runtime::JobEnded& end) -> Verdict {
                    if (end.exit_code == 0) return Done{};
                    return Stuck{script + " ended with " + std::to_string(end.exit_code) +
                                 "; its output is in " + log + last_line(end.log_tail)};
                },
                [&](const runtime::JobInterrupted&) -> Verdict {
                    return Stuck{script +
                                 " was interrupted, and it must not be run again; its "
                                 "output is in " +
                                 log};
                },
            },
            facts.job);
    }

    static void remember(const Target&, const Facts&, Goal, Time, api::Status&) {}

    static void act(const Target& target, Tools& tools) {
        runtime::Host& host = tools.host(0);
        const auto container = host.find_container(target.new_container(0));
        if (!container) return;
        runtime::start_job(host,
                           *container,
                           folder(target),
                           std::string(kScriptFolder),
                           {"sh", std::string(kUpgradeScript)});
        // The daemon answers before the command has claimed its journal. Looked at too early, the
        // job would seem not begun, and the attempts be used up in a moment.
        const Time end = tools.now() + kBeginTimeout;
        while (tools.now() < end && !tools.stop().stop_requested()) {
            const auto job = runtime::look_at_job(host, *container, folder(target));
            if (!std::holds_alternative<runtime::JobNotBegun>(job)) return;
            tools.wait(std::chrono::milliseconds{50});
        }
    }

    static void undo(const Target&, Tools&) {}

    static std::vector<std::string> script(const Target& target) {
        return {"docker exec " + target.new_container(0) + " sh /root/docker_upgrade.sh   # once"};
    }

private:
    static std::string folder(const Target& target) {
        return std::string(kLogsPath) + "/oms-operator/" + target.run_id + "/" + std::string(kName);
    }

    static bool is_ready(const runtime::Host& host, const std::string& container) {
        const auto answer =
            host.ask(container, {"supervisorctl", "status"}, std::chrono::seconds{10});
        if (!answer) return false;
        const auto programs = parse_supervisor_status(answer->out);
        const auto runs = [&](std::string_view name) {
            return std::any_of(programs.begin(), programs.end(), [&](const Program& program) {
                return program.name == name && program.state == "RUNNING";
            });
        };
        return runs(kCmProgram) && runs(kSupervisorProgram);
    }

    static std::string last_line(std::string text) {
        while (!text.empty() && text.back() == '\n') text.pop_back();
        if (text.empty()) return "";
        const std::size_t start = text.rfind('\n');
        return "; last line: " + text.substr(start == std::string::npos ? 0 : start + 1, 300);
    }
};
static_assert(UpgradePhase<UpgradeMetadata>);

}  // namespace oms::upgrade
