#pragma once

#include "oms/tasks.hpp"
#include "upgrade/phase.hpp"

#include <algorithm>

namespace oms::upgrade {

/// Give tasks that share a name names of their own (procedure, "rename the tasks to ensure that all
/// task names are unique").
///
///   Done when  the source is 4.0.1 or later, or renaming was not asked for; else when no two live
///              tasks of a kind share a name.
///   Undone     if the new OMS was ever started: at once, BackupMetaDB puts the names back; else
///   when
///              each has its old name.
///   Why here   after the dump, so that the dump holds the old names; a refusal for any other
///   reason
///              has renamed nothing.
struct RenameTasks {
    static constexpr std::string_view kName = "RenameTasks";
    static constexpr std::string_view kMilestone = "";
    static constexpr std::chrono::seconds kDeadline{300};
    static constexpr std::chrono::milliseconds kLookAgain{500};
    static constexpr int kPushesMax = 20;
    static constexpr bool kTouchesOms = true;

    struct Facts {
        std::vector<SharedName> shared;          // on the way there
        std::vector<std::string> still_renamed;  // on the way back: their ids
    };

    static Facts observe(const Target& target, const Tools& tools, Goal goal) {
        Facts facts;
        if (goal == Goal::Applied) {
            if (renames(target)) facts.shared = tools.rm().shared_task_names(target.rm_database());
            return facts;
        }
        if (target.new_oms_was_started) return facts;
        for (const auto& task : target.before.renamed_tasks) {
            if (tools.rm().task_name(target.rm_database(), task.kind, task.id) == task.to)
                facts.still_renamed.push_back(task.id);
        }
        return facts;
    }

    static Verdict judge(const Target&, const Facts& facts, Goal) {
        if (!facts.shared.empty()) return Due{describe(facts.shared.front())};
        if (!facts.still_renamed.empty())
            return Due{"the task " + facts.still_renamed.front() + " has its new name"};
        return Done{};
    }

    /// The names as they were are on record before the first is changed. A new name may be taken
    /// after all: then it is again the task that was renamed which gets another one.
    static void remember(const Target&, const Facts& facts, Goal, Time, api::Status& status) {
        auto& all = status.before.renamed_tasks;
        for (auto& task : unique_names(renamed_last(facts.shared, all))) {
            const auto known = find(all, task.kind, task.id);
            if (known == all.end()) {
                all.push_back(std::move(task));
            } else if (known->to == task.from) {
                known->to = std::move(task.to);
            }
        }
    }

    static void act(const Target& target, Tools& tools) {
        for (const auto& task : target.before.renamed_tasks) {
            const auto now = tools.rm().task_name(target.rm_database(), task.kind, task.id);
            if (now && *now != task.to)
                tools.rm().rename_task(target.rm_database(), task.kind, task.id, *now, task.to);
        }
    }

    static void undo(const Target& target, Tools& tools) {
        if (target.new_oms_was_started) return;
        for (const auto& task : target.before.renamed_tasks)
            tools.rm().rename_task(target.rm_database(), task.kind, task.id, task.to, task.from);
    }

    static std::vector<std::string> script(const Target& target) {
        if (!renames(target)) return {"# not asked for, or not for this source"};
        return {
            "mysql -D" + target.rm_database() +
                " -e \"UPDATE oms_project SET project_name=<old name>_<id> WHERE id=<id>\"",
            "mysql -D" + target.rm_database() +
                " -e \"UPDATE oms_sync_project SET project_name=<old name>_<id> WHERE id=<id>\""};
    }

private:
    static std::vector<RenamedTask>::iterator find(std::vector<RenamedTask>& all,
                                                   TaskKind kind,
                                                   const std::string& id) {
        return std::find_if(all.begin(), all.end(), [&](const RenamedTask& one) {
            return one.kind == kind && one.id == id;
        });
    }

    /// The first of those that share a name keeps it, so those that we renamed come last.
    static std::vector<SharedName> renamed_last(std::vector<SharedName> shared,
                                                std::vector<RenamedTask>& renamed) {
        for (auto& one : shared) {
            std::stable_partition(one.tasks.begin(), one.tasks.end(), [&](const Task& task) {
                return find(renamed, one.kind, task.id) == renamed.end();
            });
        }
        return shared;
    }

    static bool renames(const Target& target) {
        return target.migrates_schema() &&
               target.spec.prechecks.duplicate_task_names == api::DuplicateTaskNames::Rename;
    }
};
static_assert(UpgradePhase<RenameTasks>);

}  // namespace oms::upgrade
