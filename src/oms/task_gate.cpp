#include "oms/task_gate.hpp"

#include <algorithm>
#include <array>

namespace oms {
namespace {

using Names = std::array<std::string_view, 3>;

// The same step in the model from 4.0.1 on and in the older ones (oms-facts 2.2).
constexpr Names kReverse{"REVERSE_INCR_TRANSFER", "REVERSE_INCR_SYNC", ""};
constexpr Names kFull{"FULL_TRANSFER", "FULL_MIGRATION", "CONNECTOR_FULL_SYNC"};

constexpr std::array<std::string_view, 3> kGone{"RELEASING", "RELEASED", "DELETED"};
constexpr std::array<std::string_view, 7> kLive{
    "INIT", "RUNNING", "SUSPEND", "FAILED", "FINISHED", "RUNNING_MODIFYING", "RUNNING_MERGING"};
constexpr std::array<std::string_view, 3> kEntered{"RUNNING", "MONITORING", "FINISHED"};
// What the procedure's words leave open: has a step that failed been entered, or completed?
constexpr std::array<std::string_view, 2> kOpen{"SUSPEND", "FAILED"};

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
    return !word.empty() && std::find(words.begin(), words.end(), word) != words.end();
}

std::string shown(const TaskStep& step) {
    std::string text = step.name + " (" + step.status;
    if (step.status == "RUNNING" && step.progress)
        text += " " + std::to_string(*step.progress) + "%";
    return text + ")";
}

/// Where a task is: what it says itself, else the last of its steps that has begun.
std::string place_of(const GateTask& task) {
    const auto named = [&](const TaskStep& step) { return step.name == task.current_step; };
    const auto said = std::find_if(task.steps.begin(), task.steps.end(), named);
    if (said != task.steps.end()) return shown(*said);
    if (task.current_step) return *task.current_step;
    const auto begun = std::find_if(task.steps.rbegin(), task.steps.rend(), [](const auto& step) {
        return step.status != "INIT";
    });
    return begun == task.steps.rend() ? "no step yet" : shown(*begun);
}

const TaskStep* find_step(const GateTask& task, const Names& names) {
    const auto at = std::find_if(task.steps.begin(), task.steps.end(), [&](const TaskStep& step) {
        return is_one_of(step.name, names);
    });
    return at == task.steps.end() ? nullptr : &*at;
}

/// `must` is not done: a task that says it is finished will never do it, and what that means the
/// procedure does not say.
GateAnswer not_yet(const GateTask& task, const std::string& must) {
    if (task.status == "FINISHED") {
        return GateUnknown{"it is FINISHED and never came to " + must +
                           "; the procedure does not say whether it counts"};
    }
    return GateBlocked{place_of(task), must};
}

GateAnswer judge_reverse(const GateTask& task) {
    const bool is_there = task.current_step && is_one_of(*task.current_step, kReverse);
    const TaskStep* step = find_step(task, kReverse);
    const std::string status = step != nullptr ? step->status : is_there ? task.status : "";
    if (step == nullptr && !is_there) {
        if (!task.steps.empty())
            return GateUnknown{"reverse increment is enabled and none of its steps is it"};
        if (!task.current_step) return GateUnknown{"OMS does not say at which step it is"};
        return not_yet(task, "enter " + std::string(kReverse[1]));
    }
    const std::string name = step != nullptr ? step->name : *task.current_step;
    if (is_one_of(status, kEntered)) return GatePass{};
    if (is_one_of(status, kOpen)) {
        return GateUnknown{"its step " + name + " is " + status +
                           "; the procedure does not say whether it counts as entered"};
    }
    if (status == "INIT") return not_yet(task, "enter " + name);
    return GateUnknown{"its step " + name + " has the status '" + status + "'"};
}

GateAnswer judge_full(const GateTask& task) {
    const TaskStep* step = find_step(task, kFull);
    if (step == nullptr) {
        return GateUnknown{task.steps.empty() ? "OMS does not tell its steps"
                                              : "full migration is enabled and none of its steps "
                                                "is it"};
    }
    const std::string must = "complete " + step->name;
    if (step->status == "FINISHED") {
        constexpr int kAll = 100;
        if (step->progress == kAll) return GatePass{};
        return GateUnknown{"its step " + step->name + " is FINISHED, its progress " +
                           (step->progress ? std::to_string(*step->progress) + "%" : "not told")};
    }
    const bool is_known = step->status == "INIT" || is_one_of(step->status, kOpen) ||
                          is_one_of(step->status, kEntered);
    if (is_known) return not_yet(task, must);
    return GateUnknown{"its step " + step->name + " has the status '" + step->status + "'"};
}

}  // namespace

std::optional<GateAnswer> judge_without_steps(const GateTask& task) {
    if (is_one_of(task.status, kGone)) return GatePass{};
    if (!is_one_of(task.status, kLive))
        return GateUnknown{"its status is '" + task.status + "', which is documented nowhere"};
    if (!task.reverse) return GateUnknown{"OMS does not say whether reverse increment is enabled"};
    if (!*task.reverse) return GatePass{};
    if (!task.full || !task.incremental) {
        return GateUnknown{
            "OMS does not say whether it has full migration and incremental synchronization"};
    }
    if (!*task.full && !*task.incremental) return GatePass{};
    return std::nullopt;
}

GateAnswer judge_task(const GateTask& task) {
    if (auto answer = judge_without_steps(task)) return *std::move(answer);
    return *task.incremental ? judge_reverse(task) : judge_full(task);
}

std::string title_of(const GateTask& task) {
    const std::string kind = task.type == "SYNC" ? "synchronization" : "migration";
    return "the " + kind + (task.is_sub_task ? " sub-task " : " task ") + task.id +
           (task.name.empty() ? "" : " (" + task.name + ")");
}

}  // namespace oms
