#pragma once

#include "oms/health.hpp"
#include "upgrade/nodes.hpp"
#include "upgrade/phase.hpp"

#include <algorithm>
#include <optional>

namespace oms::upgrade {

/// Stop the old OMS (procedure, "Stop the container and record the time as T1").
///
///   Done when  no old container runs, and none is started again by the daemon or by a reboot: its
///              restart policy is saved and set to `no`. T1 is the daemon's own time of the last
///              end.
///   Undone     when every container that ran before runs again, with its restart policy, and the
///              console says that it is healthy.
///   Why here   MetaDB must be quiet before it is backed up.
struct StopOMS {
    static constexpr std::string_view kName = "StopOMS";
    static constexpr std::string_view kMilestone = "OMSStopped";
    static constexpr std::chrono::seconds kDeadline{600};
    static constexpr std::chrono::milliseconds kLookAgain{200};
    static constexpr int kPushesMax = 5;
    static constexpr bool kTouchesOms = true;

    /// How long OMS may take to end by itself. Nobody documents how long it needs.
    static constexpr std::chrono::seconds kGrace{60};

    struct Facts {
        std::vector<std::optional<runtime::Container>> containers;  // old ones, one a node
        std::vector<bool> healthy;                                  // asked on the way back only
    };

    static Facts observe(const Target& target, const Tools& tools, Goal goal) {
        Facts facts;
        for (std::size_t node = 0; node < target.spec.nodes.size(); ++node) {
            const auto container =
                tools.host(node).find_container(target.spec.nodes[node].container);
            const bool ask = goal == Goal::Reverted && container && container->running;
            facts.containers.push_back(container);
            facts.healthy.push_back(ask && console_is_healthy(target, tools, node, *container));
        }
        return facts;
    }

    static Verdict judge(const Target& target, const Facts& facts, Goal goal) {
        return judge_nodes(facts.containers.size(), [&](std::size_t node) -> Verdict {
            const auto& container = facts.containers[node];
            if (!container) {
                return Stuck{"the container " + target.spec.nodes[node].container +
                             " of the old version is gone; it is needed to go back"};
            }
            if (goal == Goal::Applied) return judge_stopped(*container);
            return judge_back(target, facts, node);
        });
    }

    /// Until the first push, what is seen is what was before.
    static void remember(
        const Target&, const Facts& facts, Goal goal, Time now, api::Status& status) {
        if (goal == Goal::Reverted) return;
        if (status.run->cursor.pushes == 0) {
            for (std::size_t node = 0; node < facts.containers.size(); ++node) {
                if (facts.containers[node])
                    record_container(status.before.nodes.at(node), *facts.containers[node]);
            }
        }
        const bool stopped = std::none_of(facts.containers.begin(),
                                          facts.containers.end(),
                                          [](const auto& c) { return c && c->running; });
        if (!stopped || status.times.t1) return;
        std::optional<Time> last;
        for (const auto& container : facts.containers) {
            if (container && container->finished_at)
                last = std::max(last.value_or(*container->finished_at), *container->finished_at);
        }
        status.times.t1 = last.value_or(now);
    }

    static void act(const Target& target, Tools& tools) {
        for_each_node(target, tools, [&](std::size_t node) {
            runtime::Host& host = tools.host(node);
            const std::string& name = target.spec.nodes[node].container;
            host.set_restart_policy(name, {.name = "no"});
            host.stop(name, kGrace, tools.stop());
        });
    }

    static void undo(const Target& target, Tools& tools) {
        for_each_node(target, tools, [&](std::size_t node) {
            const api::BeforeNode& before = target.before.nodes.at(node);
            runtime::Host& host = tools.host(node);
            if (before.was_running) host.start(before.container);
            host.set_restart_policy(before.container, parse_policy(before.restart_policy));
        });
    }

    static std::vector<std::string> script(const Target& target) {
        std::vector<std::string> lines;
        for (const auto& node : target.spec.nodes) {
            lines.push_back("docker update --restart no " + node.container);
            lines.push_back("docker stop -t " + std::to_string(kGrace.count()) + " " +
                            node.container + "   # T1");
        }
        return lines;
    }

private:
    static Verdict judge_stopped(const runtime::Container& container) {
        if (container.running) return Due{container.name + " is " + container.state};
        if (container.restart.name != "no")
            return Due{container.name + " has the restart policy " + container.restart.name};
        return Done{};
    }

    static Verdict judge_back(const Target& target, const Facts& facts, std::size_t node) {
        const runtime::Container& container = *facts.containers[node];
        const api::BeforeNode& before = target.before.nodes.at(node);
        if (before.was_running && !container.running)
            return Due{container.name + " is " + container.state};
        if (format_policy(container.restart) != before.restart_policy)
            return Due{container.name + " has not its old restart policy"};
        if (before.was_running && !facts.healthy[node])
            return Pending{container.name + " is started and not yet healthy"};
        return Done{};
    }
};
static_assert(UpgradePhase<StopOMS>);

}  // namespace oms::upgrade
