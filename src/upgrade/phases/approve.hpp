#pragma once

#include "upgrade/phase.hpp"

namespace oms::upgrade {

/// Wait for a person's yes, where one is asked for.
///
///   Done when  spec.approval is Granted, or NotRequired.
///   Undone     always.
///   Why here   everything that can be checked and fetched beforehand has been; from here on OMS is
///              touched.
struct Approve {
    static constexpr std::string_view kName = "Approve";
    static constexpr std::string_view kMilestone = "";
    static constexpr std::chrono::seconds kDeadline{0};
    static constexpr std::chrono::milliseconds kLookAgain{0};
    static constexpr int kPushesMax = 0;
    static constexpr bool kTouchesOms = false;

    struct Facts {};

    static Facts observe(const Target&, const Tools&, Goal) { return {}; }

    static Verdict judge(const Target& target, const Facts&, Goal goal) {
        if (goal == Goal::Reverted || target.spec.approval != api::Approval::Required)
            return Done{};
        return Pending{"waiting for approval: set spec.approval to Granted (oms-operator approve)"};
    }

    static void remember(const Target&, const Facts&, Goal, Time, api::Status&) {}
    static void act(const Target&, Tools&) {}
    static void undo(const Target&, Tools&) {}

    static std::vector<std::string> script(const Target& target) {
        if (target.spec.approval == api::Approval::NotRequired) return {"# not asked for"};
        return {"# wait until a person sets spec.approval to Granted"};
    }
};
static_assert(UpgradePhase<Approve>);

}  // namespace oms::upgrade
