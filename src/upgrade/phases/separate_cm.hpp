#pragma once

#include "base/error.hpp"
#include "upgrade/phase.hpp"
#include "upgrade/separation.hpp"

#include <algorithm>
#include <optional>

namespace oms::upgrade {

/// Carry the cm and heartbeat databases over to the place that spec.metaDB.separateCM names
/// (procedure, "deploy the cluster manager (CM) database separately"; how, it does not say).
///
///   Done when  it was not asked for; else when every database at the new place equals its dump:
///              every table, row and view.
///   Undone     when none of the databases that this run made there is left. Those at the old place
///              were never touched.
///   Why here   the dumps are complete, the names of tasks are final, and config.yaml does not name
///              the new place yet.
struct SeparateCM {
    static constexpr std::string_view kName = "SeparateCM";
    static constexpr std::string_view kMilestone = "";
    static constexpr std::chrono::seconds kDeadline{4 * 3600};
    static constexpr std::chrono::milliseconds kLookAgain{500};
    static constexpr int kPushesMax = 20;
    static constexpr bool kTouchesOms = true;

    struct Facts {
        std::vector<bool> is_there;             // one for each database to carry
        std::optional<std::string> running;     // an OMS container that runs
        std::optional<std::string> problem;     // with a dump
        std::optional<std::string> difference;  // of the first copy that is not as its dump
    };

    static Facts observe(const Target& target, const Tools& tools, Goal goal) {
        Facts facts;
        if (!separates_cm(target)) return facts;
        facts.running = running_oms(target, tools, goal);
        for (const auto& carried : target.before.carried_databases) {
            facts.is_there.push_back(needs_look(carried, goal) &&
                                     tools.separate_cm().has_database(carried.to));
        }
        if (goal == Goal::Reverted) return facts;
        const Dumps dumps = look_at_dumps(target, tools);
        facts.problem = dumps.problem;
        if (!dumps.missing.empty()) facts.problem = dumps.missing.front() + " is not backed up";
        for (const auto& dump : dumps_to_carry(target, dumps)) {
            if (facts.difference) break;
            const auto found =
                tools.separate_cm().first_difference(dump, tools.report(), tools.stop());
            if (found) facts.difference = dump.database + ": " + *found;
        }
        return facts;
    }

    static Verdict judge(const Target& target, const Facts& facts, Goal goal) {
        const auto& all = target.before.carried_databases;
        if (facts.running && needs_quiet(facts, goal))
            return Stuck{*facts.running + " runs; its databases must be quiet"};
        for (std::size_t i = 0; i < facts.is_there.size(); ++i) {
            if (!facts.is_there[i]) continue;
            if (goal == Goal::Reverted) return Due{"the copy " + title_of(all[i]) + " is there"};
            if (!all[i].ours) {
                return Stuck{"there is a database " + title_of(all[i]) +
                             " already, and this run did not make it; it was left alone"};
            }
        }
        if (facts.problem) return Stuck{*facts.problem};
        if (facts.difference) return Due{*facts.difference};
        return Done{};
    }

    /// What is not there when it is first looked for is ours from then on, and on record before it
    /// is made.
    static void remember(const Target&, const Facts& facts, Goal goal, Time, api::Status& status) {
        if (goal == Goal::Reverted) return;
        const bool free = std::none_of(
            facts.is_there.begin(), facts.is_there.end(), [](bool there) { return there; });
        if (!free) return;
        for (auto& carried : status.before.carried_databases) carried.ours = true;
    }

    static void act(const Target& target, Tools& tools) {
        const auto& all = target.before.carried_databases;
        if (!std::all_of(all.begin(), all.end(), [](const auto& one) { return one.ours; }))
            throw Terminal("a database at the separate place is not this run's; nothing was done");
        const Dumps dumps = look_at_dumps(target, tools);
        if (dumps.problem) throw Terminal(*dumps.problem);
        tools.separate_cm().restore(
            dumps_to_carry(target, dumps), dumps.folder, tools.report(), tools.stop());
    }

    static void undo(const Target& target, Tools& tools) {
        for (const auto& carried : target.before.carried_databases)
            if (carried.ours) tools.separate_cm().drop(carried.to);
    }

    static std::vector<std::string> script(const Target& target) {
        if (!separates_cm(target)) return {"# not asked for"};
        std::vector<std::string> lines;
        for (const auto& carried : target.before.carried_databases) {
            lines.push_back("mysql <of " + carried.server + "> -e 'CREATE DATABASE `" + carried.to +
                            "`'");
            lines.push_back("mysql <of " + carried.server + "> -D" + carried.to + " < " +
                            carried.from + ".sql");
        }
        return lines;
    }

private:
    static bool needs_quiet(const Facts& facts, Goal goal) {
        const bool any = std::any_of(
            facts.is_there.begin(), facts.is_there.end(), [](bool there) { return there; });
        return goal == Goal::Applied || any;
    }

    /// On the way back only what is ours is looked for: the place may not even answer.
    static bool needs_look(const api::CarriedDatabase& carried, Goal goal) {
        return goal == Goal::Applied || carried.ours;
    }
};
static_assert(UpgradePhase<SeparateCM>);

}  // namespace oms::upgrade
