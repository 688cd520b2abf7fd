#pragma once

#include "upgrade/phases/disable_ha.hpp"

namespace oms::upgrade {

/// Give high availability back (procedure, "enable HA and configure the related parameters").
///
///   Done when  ha.config is what the restore policy makes of the saved one and of T2 - T1; T2 is
///              recorded.
///   Undone     when ha.config says "enable": false, so that OMS can be stopped again.
///   Why here   HA starts Stores from where downstream is; it must see the new OMS healthy.
struct EnableHA {
    static constexpr std::string_view kName = "EnableHA";
    static constexpr std::string_view kMilestone = "HARestored";
    static constexpr std::chrono::seconds kDeadline{300};
    static constexpr std::chrono::milliseconds kLookAgain{500};
    static constexpr int kPushesMax = 20;
    static constexpr bool kTouchesOms = true;

    using Facts = DisableHA::Facts;

    static Facts observe(const Target& target, const Tools& tools, Goal goal) {
        return DisableHA::observe(target, tools, goal);
    }

    static Verdict judge(const Target& target, const Facts& facts, Goal goal) {
        if (goal == Goal::Reverted) return DisableHA::judge(target, facts, Goal::Applied);
        if (!facts.value || !target.before.ha_config) return Done{};
        if (*facts.value == wanted(target)) return Done{};
        return Due{"ha.config is not yet restored"};
    }

    /// T2 is fixed by the first look, before the push: the policy counts with it.
    static void remember(
        const Target&, const Facts& facts, Goal goal, Time now, api::Status& status) {
        if (goal == Goal::Applied && !status.times.t2) status.times.t2 = now;
        if (facts.value) status.observed.ha_enabled = parse_ha(*facts.value).enable;
    }

    static void act(const Target& target, Tools& tools) {
        const auto value = tools.rm().ha_config(target.rm_database());
        if (value) DisableHA::replace(target, tools, *value, wanted(target));
    }

    static void undo(const Target& target, Tools& tools) { DisableHA::act(target, tools); }

    static std::vector<std::string> script(const Target& target) {
        return {"# console: ha.config: the saved value again, perceiveStoreClientCheckpoint " +
                    std::string(target.spec.ha.perceive_store_client_checkpoint
                                    ? "true"
                                    : "false, refetchStoreIntervalMin above T2 - T1"),
                "mysql -D" + target.rm_database() +
                    " -e \"UPDATE oms_normal_config SET cfg_value='<restored>' "
                    "WHERE cfg_name='ha.config'\""};
    }

    static std::string wanted(const Target& target) {
        const HaPolicy policy{.perceive = target.spec.ha.perceive_store_client_checkpoint,
                              .refetch_minutes = target.spec.ha.refetch_store_interval_minutes,
                              .source_below_401 = target.from && has_jdbc_writers(*target.from)};
        std::chrono::seconds outage{0};
        if (target.times.t1 && target.times.t2)
            outage = std::chrono::ceil<std::chrono::seconds>(*target.times.t2 - *target.times.t1);
        return restored_ha(*target.before.ha_config, policy, outage);
    }
};
static_assert(UpgradePhase<EnableHA>);

}  // namespace oms::upgrade
