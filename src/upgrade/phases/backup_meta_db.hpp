#pragma once

#include "upgrade/phases/migrate_config.hpp"

#include <optional>

namespace oms::upgrade {

/// Dump every database of OMS and keep config.yaml with the dumps (procedure, "Back up databases").
///
///   Done when  every database has a dump that is complete, not empty and of its checksum, and
///              every node's config.yaml is kept beside them.
///   Undone     if the new OMS was ever started: when every table, row and view of every database
///              equals its dump again; else at once, since nobody has written. And when config.yaml
///              is as it was.
///   Why here   OMS is stopped, so that the dumps of all databases are of one moment.
///
/// While the databases are dumped, config.yaml is already rewritten, as MigrateConfig would next:
/// it has nothing to do with them, and costs no downtime of its own then. Not where cm is
/// separated: it must not name a place that holds nothing yet.
struct BackupMetaDB {
    static constexpr std::string_view kName = "BackupMetaDB";
    static constexpr std::string_view kMilestone = "BackedUp";
    static constexpr std::chrono::seconds kDeadline{4 * 3600};
    static constexpr std::chrono::milliseconds kLookAgain{500};
    /// With the pauses between them some minutes of a MetaDB that is away, also on the way back.
    static constexpr int kPushesMax = 20;
    static constexpr bool kTouchesOms = true;

    struct Facts {
        Dumps dumps;
        std::optional<std::string> running;  // an OMS container that runs
        // Looked for on the way back only:
        std::optional<std::string> difference;  // from the dumps
        MigrateConfig::Facts config;
    };

    static Facts observe(const Target& target, const Tools& tools, Goal goal) {
        Facts facts{.dumps = look_at_dumps(target, tools),
                    .running = running_oms(target, tools, goal)};
        if (goal == Goal::Applied) return facts;
        facts.config = MigrateConfig::observe(target, tools, goal);
        if (target.new_oms_was_started && !facts.running && !facts.dumps.problem)
            facts.difference = difference_from_dumps(target, facts.dumps, tools);
        return facts;
    }

    static Verdict judge(const Target& target, const Facts& facts, Goal goal) {
        if (goal == Goal::Reverted) {
            Verdict databases = judge_back(target, facts);
            if (!std::holds_alternative<Done>(databases)) return databases;
            return MigrateConfig::judge(target, facts.config, goal);
        }
        if (facts.running)
            return Stuck{*facts.running + " runs; MetaDB must be quiet while it is backed up"};
        if (facts.dumps.problem) return Stuck{*facts.dumps.problem};
        if (!facts.dumps.missing.empty())
            return Due{facts.dumps.missing.front() + " is not backed up"};
        return Done{};
    }

    static void remember(const Target&, const Facts& facts, Goal goal, Time, api::Status& status) {
        if (goal == Goal::Applied) status.backup = as_backup(facts.dumps);
    }

    static void act(const Target& target, Tools& tools) {
        tools.at_once({[&] { dump_all(target, tools); },
                       [&] {
                           keep_configs(target, tools);
                           if (target.splits_config() && !separates_cm(target))
                               MigrateConfig::act(target, tools);
                       }});
    }

    static void undo(const Target& target, Tools& tools) {
        if (target.new_oms_was_started) restore_all(target, tools);
        MigrateConfig::undo(target, tools);
    }

    static std::vector<std::string> script(const Target& target) {
        std::vector<std::string> lines;
        for (const auto& database : target.before.databases) {
            lines.push_back("mysqldump --triggers=false " + database + " > " + database +
                            ".sql && test -s " + database + ".sql");
        }
        for (std::size_t node = 0; node < target.spec.nodes.size(); ++node) {
            lines.push_back(target.docker(node) + " cp " + target.spec.nodes[node].container +
                            ":/home/admin/conf/config.yaml " + config_file_name(target, node));
        }
        return lines;
    }

private:
    /// A database is dropped only when nothing runs on it and every dump has been read back.
    static Verdict judge_back(const Target& target, const Facts& facts) {
        if (!target.new_oms_was_started) return Done{};
        if (facts.running)
            return Stuck{*facts.running + " runs; no database may be put back under a live OMS"};
        if (facts.dumps.problem) return Stuck{*facts.dumps.problem};
        if (!facts.dumps.missing.empty()) {
            return Stuck{"the backup of " + facts.dumps.missing.front() + " is gone from " +
                         facts.dumps.folder + "; nothing was dropped"};
        }
        if (facts.difference) return Due{*facts.difference};
        return Done{};
    }
};
static_assert(UpgradePhase<BackupMetaDB>);

}  // namespace oms::upgrade
