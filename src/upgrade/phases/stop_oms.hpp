#pragma once

#include "oms/health.hpp"
#include "upgrade/components.hpp"
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
///              console says that it is healthy; or, where only components run, they do.
///   Why here   MetaDB must be quiet before it is backed up.
///
/// With spec.keepTasksRunning the component containers go on running, both ways.
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
        using Found = std::pair<std::optional<runtime::Container>, bool>;
        const auto found = look_at_nodes(target, tools, [&](std::size_t node) -> Found {
            auto container = tools.host(node).find_container(target.spec.nodes[node].container);
            const bool ask = goal == Goal::Reverted && container && container->running;
            const bool healthy = ask && is_healthy_again(target, tools, node, *container);
            return {std::move(container), healthy};
        });
        Facts facts;
        for (const auto& [container, healthy] : found) {
            facts.containers.push_back(container);
            facts.healthy.push_back(healthy);
        }
        return facts;
    }

    static Verdict judge(const Target& target, const Facts& facts, Goal goal) {
        return judge_nodes(facts.containers.size(), [&](std::size_t node) -> Verdict {
            if (target.keeps_running(node)) return Done{};
            const auto& container = facts.containers[node];
            const std::string name = target.said(target.spec.nodes[node].container, node);
            if (!container) {
                return Stuck{"the container " + name +
                             " of the old version is gone; it is needed to go back"};
            }
            if (goal == Goal::Applied) return judge_stopped(*container, name);
            return judge_back(target, facts, node);
        });
    }

    /// Until the first push, what is seen is what was before.
    static void remember(
        const Target& target, const Facts& facts, Goal goal, Time now, api::Status& status) {
        if (goal == Goal::Reverted) return;
        if (status.run->cursor.pushes == 0) {
            for (std::size_t node = 0; node < facts.containers.size(); ++node) {
                if (facts.containers[node])
                    record_container(status.before.nodes.at(node), *facts.containers[node]);
            }
        }
        if (!status.times.t1) status.times.t1 = end_of_the_last(target, facts, now);
    }

    static void act(const Target& target, Tools& tools) {
        for_each_node(target, tools, [&](std::size_t node) {
            if (target.keeps_running(node)) return;
            runtime::Host& host = tools.host(node);
            const std::string& name = target.spec.nodes[node].container;
            host.set_restart_policy(name, {.name = "no"});
            host.stop(name, kGrace, tools.stop());
        });
    }

    static void undo(const Target& target, Tools& tools) {
        for_each_node(target, tools, [&](std::size_t node) {
            if (target.keeps_running(node)) return;
            const api::BeforeNode& before = target.before.nodes.at(node);
            runtime::Host& host = tools.host(node);
            if (before.was_running) host.start(before.container);
            host.set_restart_policy(before.container, parse_policy(before.restart_policy));
        });
    }

    static std::vector<std::string> script(const Target& target) {
        std::vector<std::string> lines;
        for (std::size_t node = 0; node < target.spec.nodes.size(); ++node) {
            const std::string& name = target.spec.nodes[node].container;
            if (target.keeps_running(node)) continue;
            lines.push_back(target.docker(node) + " update --restart no " + name);
            lines.push_back(target.docker(node) + " stop -t " + std::to_string(kGrace.count()) +
                            " " + name + "   # T1");
        }
        return lines;
    }

private:
    /// T1. Empty while one that has to be stopped runs.
    static std::optional<Time> end_of_the_last(const Target& target, const Facts& facts, Time now) {
        std::optional<Time> last;
        for (std::size_t node = 0; node < facts.containers.size(); ++node) {
            const auto& container = facts.containers[node];
            if (!container || target.keeps_running(node)) continue;
            if (container->running) return std::nullopt;
            if (container->finished_at)
                last = std::max(last.value_or(*container->finished_at), *container->finished_at);
        }
        return last.value_or(now);
    }

    static bool is_healthy_again(const Target& target,
                                 const Tools& tools,
                                 std::size_t node,
                                 const runtime::Container& container) {
        if (target.spec.nodes[node].role != api::Role::Component)
            return console_is_healthy(target, tools, node, container);
        return !trouble_of_component(target, tools, node);
    }

    static Verdict judge_stopped(const runtime::Container& container, const std::string& name) {
        if (container.running) return Due{name + " is " + container.state};
        if (container.restart.name != "no")
            return Due{name + " has the restart policy " + container.restart.name};
        return Done{};
    }

    static Verdict judge_back(const Target& target, const Facts& facts, std::size_t node) {
        const runtime::Container& container = *facts.containers[node];
        const api::BeforeNode& before = target.before.nodes.at(node);
        const std::string name = target.said(container.name, node);
        if (before.was_running && !container.running) return Due{name + " is " + container.state};
        if (format_policy(container.restart) != before.restart_policy)
            return Due{name + " has not its old restart policy"};
        if (before.was_running && !facts.healthy[node])
            return Pending{name + " is started and not yet healthy"};
        return Done{};
    }
};
static_assert(UpgradePhase<StopOMS>);

}  // namespace oms::upgrade
