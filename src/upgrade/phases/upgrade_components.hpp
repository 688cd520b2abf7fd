#pragma once

#include "upgrade/assistant.hpp"
#include "upgrade/components.hpp"
#include "upgrade/nodes.hpp"
#include "upgrade/phase.hpp"

namespace oms::upgrade {

/// Upgrade component containers while their tasks run (procedure, "The following procedure
/// describes how to upgrade the component container"). With spec.keepTasksRunning only.
///
///   Done when  in each of them support_upgrade_action.sh has ended with 0, once, its components
///              work, and of the assistant tool neither container nor image is left.
///   Undone     when each runs that no script has touched: one whose script was begun is replaced
///   by
///              a new container of the old image and the old settings, and kept beside it, stopped.
///              The procedure has no way back; this one interrupts the node's tasks for a moment.
///   Why here   HA must be off before components are touched: the procedure disables it first. Then
///              come components, and after them the management that gives them orders.
///
/// A script that was interrupted means going back: nobody says that it is safe to run twice.
struct UpgradeComponents {
    static constexpr std::string_view kName = "UpgradeComponents";
    static constexpr std::string_view kMilestone = "";
    static constexpr std::chrono::seconds kDeadline{1800};
    static constexpr std::chrono::milliseconds kLookAgain{200};
    /// Tool, script, cleaning up; each request may be lost a few times.
    static constexpr int kPushesMax = 9;
    static constexpr bool kTouchesOms = true;

    struct Facts {
        std::vector<ComponentLook> nodes;  // of kept_nodes
    };

    static Facts observe(const Target& target, const Tools& tools, Goal goal) {
        const auto nodes = kept_nodes(target);
        Facts facts;
        facts.nodes.resize(nodes.size());
        at_nodes(target, tools, nodes, [&](std::size_t index) {
            facts.nodes[index] = look_at_component(tools, target, nodes[index], goal);
        });
        return facts;
    }

    static Verdict judge(const Target& target, const Facts& facts, Goal goal) {
        return judge_nodes(facts.nodes.size(), [&](std::size_t i) {
            return goal == Goal::Applied ? judge_upgraded(target, facts.nodes[i])
                                         : judge_put_back(target, facts.nodes[i]);
        });
    }

    static void remember(const Target&, const Facts&, Goal, Time, api::Status&) {}

    static void act(const Target& target, Tools& tools) {
        at_each(target, tools, upgrade_component);
    }

    static void undo(const Target& target, Tools& tools) {
        at_each(target, tools, put_component_back);
    }

    static std::vector<std::string> script(const Target& target) {
        std::vector<std::string> lines;
        for (const std::size_t node : kept_nodes(target))
            for (auto& line : component_lines(target, node)) lines.push_back(std::move(line));
        if (lines.empty()) lines.emplace_back("# not asked for: spec.keepTasksRunning is false");
        return lines;
    }

private:
    static void at_each(const Target& target,
                        Tools& tools,
                        void (*work)(Tools&, const Target&, std::size_t node)) {
        const auto nodes = kept_nodes(target);
        at_nodes(
            target, tools, nodes, [&](std::size_t index) { work(tools, target, nodes[index]); });
    }
};
static_assert(UpgradePhase<UpgradeComponents>);

}  // namespace oms::upgrade
