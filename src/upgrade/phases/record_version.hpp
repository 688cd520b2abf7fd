#pragma once

#include "oms/community.hpp"
#include "upgrade/phase.hpp"

#include <optional>

namespace oms::upgrade {

/// Say in MetaDB which version OMS was, where it does not say so itself and the new version's
/// initialization refuses without ("Version before 4.1.1 is not allowed to upgrade", oms-facts 4.3;
/// Community Edition).
///
///   Done when  oms_version of the rm database has a row, or the target does not ask for one.
///   Undone     by BackupMetaDB: the new OMS has been started, and the dump has no such row.
///   Why here   after the dump, so that a rollback takes the row away; before the script, which
///              would end at once without it.
struct RecordVersion {
    static constexpr std::string_view kName = "RecordVersion";
    static constexpr std::string_view kMilestone = "";
    static constexpr std::chrono::seconds kDeadline{300};
    static constexpr std::chrono::milliseconds kLookAgain{500};
    static constexpr int kPushesMax = 20;
    static constexpr bool kTouchesOms = true;

    struct Facts {
        bool is_missing = false;
    };

    static Facts observe(const Target& target, const Tools& tools, Goal goal) {
        if (goal == Goal::Reverted || !needs_version_row(target.to)) return {};
        return {.is_missing = !tools.rm().oms_version(target.rm_database())};
    }

    static Verdict judge(const Target& target, const Facts& facts, Goal) {
        if (!facts.is_missing) return Done{};
        return Due{"oms_version of " + target.rm_database() + " does not say " +
                   target.before.version};
    }

    static void remember(const Target&, const Facts&, Goal, Time, api::Status&) {}

    static void act(const Target& target, Tools& tools) {
        if (observe(target, tools, Goal::Applied).is_missing)
            tools.rm().record_oms_version(target.rm_database(), target.before.version);
    }

    static void undo(const Target&, Tools&) {}

    static std::vector<std::string> script(const Target& target) {
        if (!needs_version_row(target.to)) return {"# " + to_string(target.to) + " asks for none"};
        return {
            "mysql -D" + target.rm_database() +
                " -e 'SELECT version FROM oms_version'   # there is a row: nothing to do; else:",
            "mysql -D" + target.rm_database() +
                " -e \"CREATE TABLE IF NOT EXISTS oms_version (version varchar(64) NOT NULL "
                "COMMENT 'version', gmt_modified timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, "
                "PRIMARY KEY (version)) DEFAULT CHARSET = utf8mb4 COMMENT = 'version table'; "
                "REPLACE INTO oms_version (version) VALUES ('" +
                target.before.version + "')\""};
    }
};
static_assert(UpgradePhase<RecordVersion>);

}  // namespace oms::upgrade
