#pragma once

#include "upgrade/target.hpp"
#include "upgrade/tools.hpp"
#include "upgrade/verdict.hpp"

#include <chrono>
#include <concepts>
#include <string>
#include <string_view>
#include <vector>

namespace oms::upgrade {

/// The shape of every file in phases/. The const on `look` is the rule that
/// observing changes nothing, written where the compiler can check it.
///
///   observe   look at the world, gather facts
///   judge     from the facts alone: does the goal hold? Asked before a push and after it
///   remember  from the facts alone: what status must know before the push
///   act, undo push the world towards Applied, towards Reverted
///   script    the shell and SQL that a person would type for it
template <class P>
concept UpgradePhase = requires(const Target& target,
                                const Tools& look,
                                Tools& touch,
                                const typename P::Facts& facts,
                                Goal goal,
                                Time now,
                                api::Status& status) {
    { P::kName } -> std::convertible_to<std::string_view>;
    { P::kMilestone } -> std::convertible_to<std::string_view>;
    { P::kDeadline } -> std::convertible_to<std::chrono::seconds>;
    { P::kLookAgain } -> std::convertible_to<std::chrono::milliseconds>;
    { P::kPushesMax } -> std::convertible_to<int>;
    { P::kTouchesOms } -> std::convertible_to<bool>;
    { P::observe(target, look, goal) } -> std::same_as<typename P::Facts>;
    { P::judge(target, facts, goal) } -> std::same_as<Verdict>;
    { P::remember(target, facts, goal, now, status) } -> std::same_as<void>;
    { P::act(target, touch) } -> std::same_as<void>;
    { P::undo(target, touch) } -> std::same_as<void>;
    { P::script(target) } -> std::same_as<std::vector<std::string>>;
};

/// One row of the plan: a phase with its own Facts type folded away.
struct Phase {
    std::string_view name;
    std::string_view milestone;            // its condition in status; empty: none
    std::chrono::seconds deadline;         // default of spec.deadlines; 0: none
    std::chrono::milliseconds look_again;  // while Pending
    int pushes_max;
    bool touches_oms;  // false: a run that fails here is refused, there is nothing to go back from
    Verdict (*check)(const Target&, const Tools&, Goal, api::Status&);
    void (*act)(const Target&, Tools&);
    void (*undo)(const Target&, Tools&);
    std::vector<std::string> (*script)(const Target&);

    void push(const Target& target, Tools& tools, Goal goal) const {
        goal == Goal::Applied ? act(target, tools) : undo(target, tools);
    }
};

template <UpgradePhase P>
constexpr Phase phase() {
    constexpr auto kCheck =
        [](const Target& target, const Tools& tools, Goal goal, api::Status& status) {
            const typename P::Facts facts = P::observe(target, tools, goal);
            P::remember(target, facts, goal, tools.now(), status);
            return P::judge(target, facts, goal);
        };
    return {P::kName,
            P::kMilestone,
            P::kDeadline,
            P::kLookAgain,
            P::kPushesMax,
            P::kTouchesOms,
            kCheck,
            &P::act,
            &P::undo,
            &P::script};
}

}  // namespace oms::upgrade
