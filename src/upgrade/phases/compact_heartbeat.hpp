#pragma once

#include "upgrade/heartbeat.hpp"
#include "upgrade/phase.hpp"

#include <map>

namespace oms::upgrade {

/// Shrink the heartbeat sequence to its newest id, so that the dump is small (procedure, "Log in to
/// the CM heartbeat database and back up data").
///
///   Done when  in every heartbeat database heatbeat_sequence holds at most its newest row, and no
///              table of the five statements is left over.
///   Undone     when heatbeat_sequence is there under its name: ids only ever grow, so a compacted
///              table needs no undoing, but a half-done swap does.
///   Why here   OMS must not write while the tables change names.
struct CompactHeartbeat {
    static constexpr std::string_view kName = "CompactHeartbeat";
    static constexpr std::string_view kMilestone = "";
    static constexpr std::chrono::seconds kDeadline{300};
    static constexpr std::chrono::milliseconds kLookAgain{500};
    static constexpr int kPushesMax = 20;
    static constexpr bool kTouchesOms = true;

    /// Five statements for each of two rounds (a stale copy), and one look to see the end.
    static constexpr int kStatementsMax = 11;

    static constexpr std::string_view kStatements =
        R"(CREATE TABLE IF NOT EXISTS `heatbeat_sequence_bak` (`id` bigint(20) NOT NULL AUTO_INCREMENT
     COMMENT 'PK', `gmt_created` datetime NOT NULL, `gmt_modified` datetime NOT NULL,
     PRIMARY KEY (`id`)) DEFAULT CHARSET=utf8 COMMENT='Heartbeat sequence table';
   INSERT INTO heatbeat_sequence_bak SELECT `id`,`gmt_created`,`gmt_modified`
     FROM heatbeat_sequence ORDER BY `id` DESC LIMIT 1;
   ALTER TABLE `heatbeat_sequence` RENAME TO `heatbeat_sequence_bak2`;
   ALTER TABLE `heatbeat_sequence_bak` RENAME TO `heatbeat_sequence`;
   DROP TABLE heatbeat_sequence_bak2;)";

    struct Facts {
        std::map<std::string, metadb::HeartbeatTables> tables;  // by database
    };

    static Facts observe(const Target& target, const Tools& tools, Goal) {
        Facts facts;
        for (const auto& database : target.heartbeat_databases())
            facts.tables[database] = tools.cm().heartbeat_tables(database);
        return facts;
    }

    static Verdict judge(const Target&, const Facts& facts, Goal goal) {
        for (const auto& [database, tables] : facts.tables) {
            const bool untouched = tables.sequence && !tables.aside;
            if (goal == Goal::Reverted && untouched) continue;
            const NextStatement next = next_statement(tables);
            if (const auto* why = std::get_if<std::string>(&next))
                return Stuck{database + ": " + *why};
            if (!std::holds_alternative<std::monostate>(next))
                return Due{"heatbeat_sequence of " + database + " is not compacted"};
        }
        return Done{};
    }

    static void remember(const Target&, const Facts&, Goal, Time, api::Status&) {}

    static void act(const Target& target, Tools& tools) {
        for (const auto& database : target.heartbeat_databases()) {
            for (int i = 0; i < kStatementsMax; ++i) {
                const NextStatement next = next_statement(tools.cm().heartbeat_tables(database));
                const auto* statement = std::get_if<metadb::HeartbeatStatement>(&next);
                if (statement == nullptr) break;
                tools.cm().run(database, *statement);
            }
        }
    }

    static void undo(const Target& target, Tools& tools) { act(target, tools); }

    static std::vector<std::string> script(const Target& target) {
        std::vector<std::string> lines;
        for (const auto& database : target.heartbeat_databases()) {
            lines.push_back("mysql -D" + database + " <<'SQL'");
            lines.emplace_back(kStatements);
            lines.emplace_back("SQL");
        }
        return lines;
    }
};
static_assert(UpgradePhase<CompactHeartbeat>);

}  // namespace oms::upgrade
