#pragma once

#include "oms/ha.hpp"
#include "upgrade/phase.hpp"

#include <optional>

namespace oms::upgrade {

/// Turn high availability off, so that stopping OMS does not start a failover (procedure, "record
/// the current value of ha.config and disable HA").
///
///   Done when  ha.config in MetaDB says "enable": false, or there is no such row.
///   Undone     when ha.config is byte for byte what it was; a row that is gone is left alone.
///   Why here   HA acts on silent supervisors: it must be off before the first one is stopped.
struct DisableHA {
    static constexpr std::string_view kName = "DisableHA";
    static constexpr std::string_view kMilestone = "HADisabled";
    static constexpr std::chrono::seconds kDeadline{300};
    static constexpr std::chrono::milliseconds kLookAgain{500};
    static constexpr int kPushesMax = 20;
    static constexpr bool kTouchesOms = true;

    struct Facts {
        std::optional<std::string> value;  // of ha.config
    };

    static Facts observe(const Target& target, const Tools& tools, Goal) {
        return {.value = tools.rm().ha_config(target.rm_database())};
    }

    static Verdict judge(const Target& target, const Facts& facts, Goal goal) {
        if (!facts.value) return Done{};
        if (goal == Goal::Applied) {
            if (!parse_ha(*facts.value).enable) return Done{};
            return Due{"HA is on"};
        }
        if (!target.before.ha_config || *facts.value == *target.before.ha_config) return Done{};
        return Due{"ha.config is not as it was"};
    }

    /// Until the first push, what is seen is what was before: a person may change HA while the
    /// upgrade waits for its approval.
    static void remember(const Target&, const Facts& facts, Goal goal, Time, api::Status& status) {
        if (facts.value) status.observed.ha_enabled = parse_ha(*facts.value).enable;
        if (goal == Goal::Applied && status.run->cursor.pushes == 0)
            status.before.ha_config = facts.value;
    }

    static void act(const Target& target, Tools& tools) {
        const auto value = tools.rm().ha_config(target.rm_database());
        if (value) replace(target, tools, *value, with_ha_disabled(*value));
    }

    static void undo(const Target& target, Tools& tools) {
        const auto value = tools.rm().ha_config(target.rm_database());
        if (value) replace(target, tools, *value, target.before.ha_config.value_or(*value));
    }

    static std::vector<std::string> script(const Target& target) {
        return {
            "# console: System Management > System Parameters > ha.config: copy the value, "
            "set enable to false",
            "mysql -D" + target.rm_database() +
                " -e \"UPDATE oms_normal_config SET cfg_value='<the value, with enable false>' "
                "WHERE cfg_name='ha.config'\""};
    }

    /// Sets ha.config, and leaves it to the next look when somebody else wrote it meanwhile.
    static void replace(const Target& target,
                        Tools& tools,
                        const std::string& expected,
                        const std::string& wanted) {
        if (!tools.rm().swap_ha_config(target.rm_database(), expected, wanted)) {
            throw Transient("ha.config in " + target.rm_database() +
                            " was changed by somebody else while it was being set; looking again");
        }
    }
};
static_assert(UpgradePhase<DisableHA>);

}  // namespace oms::upgrade
