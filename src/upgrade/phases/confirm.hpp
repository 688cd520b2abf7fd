#pragma once

#include "upgrade/phases/verify.hpp"

namespace oms::upgrade {

/// See the new OMS go on working for a while, after its downtime is over.
///
///   Done when  it was found working in every look of spec.confirmSeconds.
///   Undone     always.
///   Why here   Verify must not lengthen the downtime, so it looks for a second only; an OMS that
///              breaks soon after its start is caught here, and taken back.
struct Confirm {
    static constexpr std::string_view kName = "Confirm";
    static constexpr std::string_view kMilestone = "";
    static constexpr std::chrono::seconds kDeadline{300};
    static constexpr std::chrono::milliseconds kLookAgain{1000};
    static constexpr int kPushesMax = 0;
    static constexpr bool kTouchesOms = true;

    using Facts = Verify::Facts;

    static Facts observe(const Target& target, const Tools& tools, Goal goal) {
        if (goal == Goal::Reverted) return {};
        return {.trouble = trouble_within(
                    target, tools, std::chrono::seconds{target.spec.confirm_seconds})};
    }

    static Verdict judge(const Target&, const Facts& facts, Goal) {
        if (facts.trouble) return Pending{*facts.trouble};
        return Done{};
    }

    static void remember(
        const Target& target, const Facts& facts, Goal goal, Time, api::Status& status) {
        if (goal == Goal::Applied && !facts.trouble) status.observed.version = to_string(target.to);
    }
    static void act(const Target&, Tools&) {}
    static void undo(const Target&, Tools&) {}

    static std::vector<std::string> script(const Target& target) {
        return {"# look again for " + std::to_string(target.spec.confirm_seconds) +
                " seconds, as above"};
    }
};
static_assert(UpgradePhase<Confirm>);

}  // namespace oms::upgrade
