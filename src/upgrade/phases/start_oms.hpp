#pragma once

#include "oms/names.hpp"
#include "upgrade/https.hpp"
#include "upgrade/nodes.hpp"
#include "upgrade/phase.hpp"

#include <algorithm>
#include <optional>

namespace oms::upgrade {

/// Start the new OMS (procedure, "Start the container of OMS V4.3.1").
///
///   Done when  on every node our new container runs, made from the new image and from the old
///              container's own settings.
///   Undone     when no new container runs, nor will run after a reboot. T3 is recorded. The
///              stopped container stays for its logs, until a later run takes its name.
///   Why here   config.yaml and backup are ready; the old container stays as it is.
///
/// With spec.keepTasksRunning the component containers run already. On the way back they are
/// stopped with the others: MetaDB is put back, and nobody may write to it meanwhile.
struct StartOMS {
    static constexpr std::string_view kName = "StartOMS";
    static constexpr std::string_view kMilestone = "Started";
    static constexpr std::chrono::seconds kDeadline{300};
    static constexpr std::chrono::milliseconds kLookAgain{50};
    static constexpr int kPushesMax = 3;
    static constexpr bool kTouchesOms = true;

    /// Says which run made a container.
    static constexpr std::string_view kRunLabel = "oms.oceanbase.com/run";
    static constexpr std::chrono::seconds kGrace{60};

    struct Facts {
        std::vector<std::optional<runtime::Container>> containers;  // new ones, one a node
    };

    static Facts observe(const Target& target, const Tools& tools, Goal) {
        return {.containers = look_at_nodes(target, tools, [&](std::size_t node) {
                    return tools.host(node).find_container(target.new_container(node));
                })};
    }

    static Verdict judge(const Target& target, const Facts& facts, Goal goal) {
        return judge_nodes(facts.containers.size(), [&](std::size_t node) -> Verdict {
            const auto& container = facts.containers[node];
            const std::string name = target.said(target.new_container(node), node);
            if (target.keeps_running(node) && goal == Goal::Applied) return Done{};
            return goal == Goal::Applied ? judge_started(target, container, name)
                                         : judge_stopped(target, container, node, name);
        });
    }

    static void remember(
        const Target& target, const Facts& facts, Goal goal, Time now, api::Status& status) {
        if (goal == Goal::Applied) {
            status.new_oms_was_started = true;
            return;
        }
        if (status.times.t3 || !status.new_oms_was_started) return;
        std::optional<Time> last;
        for (std::size_t node = 0; node < facts.containers.size(); ++node) {
            const auto& container = facts.containers[node];
            if (target.keeps_running(node)) continue;
            if (container && container->running && is_ours(target, *container)) return;
            if (container && container->finished_at)
                last = std::max(last.value_or(*container->finished_at), *container->finished_at);
        }
        status.times.t3 = last.value_or(now);
    }

    static void act(const Target& target, Tools& tools) {
        for_each_node(target, tools, [&](std::size_t node) {
            if (target.keeps_running(node)) return;
            runtime::Host& host = tools.host(node);
            const runtime::Successor wanted = successor(target, node);
            const auto there = host.find_container(wanted.name);
            // Left by an earlier run that was rolled back: its logs are in the mounts.
            const bool left_over = there && !there->running && !is_ours(target, *there) &&
                                   there->labels.contains(std::string(kRunLabel));
            if (left_over) host.remove(wanted.name);
            if (!there || left_over) host.create(wanted);
            host.start(wanted.name);
        });
    }

    static void undo(const Target& target, Tools& tools) {
        for_each_node(target, tools, [&](std::size_t node) {
            runtime::Host& host = tools.host(node);
            const std::string name = target.new_container(node);
            const auto container = host.find_container(name);
            if (!container || !is_new(target, *container, node)) return;
            host.set_restart_policy(name, {.name = "no"});
            host.stop(name, kGrace, tools.stop());
        });
    }

    static std::vector<std::string> script(const Target& target) {
        std::vector<std::string> lines;
        for (std::size_t node = 0; node < target.spec.nodes.size(); ++node) {
            if (target.keeps_running(node)) continue;
            std::string line = target.docker(node) + " run -dit --net host";
            for (const auto& mount : target.before.nodes.at(node).mounts)
                line += " -v " + mount.source + ":" + mount.target;
            for (const auto& mount : https_mounts(target))
                line += " -v " + mount.source + ":" + mount.target;
            lines.push_back(line + " -e OMS_HOST_IP=" + target.host_ip(node) +
                            " -e IS_UPGRADE=true --privileged=true --pids-limit -1 --ulimit "
                            "nproc=65535:65535 --name " +
                            target.new_container(node) + " " + target.spec.image.reference);
        }
        return lines;
    }

    static bool is_ours(const Target& target, const runtime::Container& container) {
        const auto run = container.labels.find(std::string(kRunLabel));
        return run != container.labels.end() && run->second == target.run_id;
    }

private:
    static Verdict judge_started(const Target& target,
                                 const std::optional<runtime::Container>& container,
                                 const std::string& name) {
        if (!container) return Due{name + " is not there"};
        if (!container->running) return Due{name + " is " + container->state};
        if (is_ours(target, *container)) return Done{};
        return Stuck{"a container " + name + " that this upgrade did not make runs already"};
    }

    static bool is_new(const Target& target,
                       const runtime::Container& container,
                       std::size_t node) {
        return target.keeps_running(node) || is_ours(target, container);
    }

    static Verdict judge_stopped(const Target& target,
                                 const std::optional<runtime::Container>& container,
                                 std::size_t node,
                                 const std::string& name) {
        if (!container || !is_new(target, *container, node)) return Done{};
        if (container->running) return Due{name + " is " + container->state};
        if (container->restart.name == "no") return Done{};
        return Due{name + " has the restart policy " + container->restart.name};
    }

    static runtime::Successor successor(const Target& target, std::size_t node) {
        const api::BeforeNode& before = target.before.nodes.at(node);
        return {.name = target.new_container(node),
                .of = before.container,
                .image = target.spec.image.reference,
                .environment = {{std::string(kHostIpVariable), target.host_ip(node)},
                                {std::string(kIsUpgradeVariable), "true"}},
                .labels = {{std::string(kRunLabel), target.run_id}},
                .restart = parse_policy(before.restart_policy),
                .mounts = https_mounts(target)};
    }
};
static_assert(UpgradePhase<StartOMS>);

}  // namespace oms::upgrade
