#include "upgrade/summarize.hpp"

#include "api/json.hpp"

#include <algorithm>
#include <string_view>

namespace oms::upgrade {
namespace {

using api::Condition;
using api::ConditionStatus;
using api::Outcome;

struct Claim {
    ConditionStatus status = ConditionStatus::Unknown;
    std::string reason;
    std::string message;
};

/// lastTransitionTime moves only when the status does. It has whole seconds (metav1.Time).
void set(api::Status& status, std::string_view type, Claim claim, Time moment) {
    const Time now = std::chrono::floor<std::chrono::seconds>(moment);
    auto& all = status.conditions;
    auto at = std::find_if(all.begin(), all.end(), [&](const auto& c) { return c.type == type; });
    if (at == all.end()) {
        all.push_back({.type = std::string(type), .last_transition_time = now});
        at = all.end() - 1;
    } else if (at->status != claim.status) {
        at->last_transition_time = now;
    }
    at->status = claim.status;
    at->reason = std::move(claim.reason);
    at->message = std::move(claim.message);
    at->observed_generation = status.observed_generation;
}

/// A rollback that the spec asks for and that has come to its end: the spec has what it wants,
/// which no pipeline must take for a failure, though the upgrade has not succeeded.
bool is_undone_as_asked(const api::OmsUpgrade& resource, const api::Status& status) {
    return resource.spec.rollback.requested && status.run &&
           status.run->outcome == Outcome::RolledBack;
}

void set_summary_conditions(api::Status& status, const Summary& summary, bool undone, Time now) {
    const bool upgraded = summary.standing == Standing::Good;
    const bool good = upgraded || undone;
    const bool bad = summary.standing == Standing::Bad && !undone;
    const auto claim = [&](ConditionStatus value) {
        return Claim{value, summary.reason, summary.message};
    };
    const auto yes = ConditionStatus::True;
    const auto no = ConditionStatus::False;
    const auto open = ConditionStatus::Unknown;
    set(status, "Ready", claim(good ? yes : bad ? no : open), now);
    set(status, "Reconciling", claim(good || bad ? no : yes), now);
    set(status, "Stalled", claim(bad ? yes : no), now);
    set(status, "Succeeded", claim(upgraded ? yes : bad || undone ? no : open), now);
}

const api::Step* last_step(const api::Status& status, std::string_view name, api::Goal goal) {
    const auto at = std::find_if(status.steps.rbegin(), status.steps.rend(), [&](const auto& step) {
        return step.name == name && step.goal == goal;
    });
    return at == status.steps.rend() ? nullptr : &*at;
}

Claim milestone(const api::Status& status, const Phase& phase, bool ended) {
    const std::string name(phase.name);
    if (const auto* back = last_step(status, name, api::Goal::Reverted))
        return {ConditionStatus::False, "Reverted", name + " was taken back: " + back->message};
    const auto* step = last_step(status, name, api::Goal::Applied);
    if (step == nullptr) {
        if (ended) return {ConditionStatus::False, "NotReached", "the run ended before " + name};
        return {ConditionStatus::Unknown, "Pending", name + " has not begun"};
    }
    switch (step->state) {
        case api::StepState::Done:
            return {ConditionStatus::True, "Done", name + " is done"};
        case api::StepState::Failed:
            return {ConditionStatus::False, "Failed", step->message};
        case api::StepState::Running:
            break;
    }
    return {ConditionStatus::Unknown, "InProgress", step->message};
}

Claim rolled_back(const api::Status& status) {
    if (!status.run || status.run->cursor.goal == api::Goal::Applied)
        return {ConditionStatus::False, "NotRolledBack", "the upgrade was not taken back"};
    const auto& outcome = status.run->outcome;
    if (!outcome)
        return {ConditionStatus::Unknown, "InProgress", "the upgrade is being taken back"};
    if (*outcome == Outcome::RolledBack)
        return {ConditionStatus::True, "RolledBack", "OMS is as it was before the upgrade"};
    return {ConditionStatus::False, "RollbackFailed", "the rollback did not come to its end"};
}

/// T2 - T1, or T1 until the old OMS was back.
std::optional<std::int64_t> seconds_down(const api::Status& status) {
    if (!status.times.t1) return std::nullopt;
    const auto* back = last_step(status, "StopOMS", api::Goal::Reverted);
    const auto end = back != nullptr ? back->finish_time : status.times.t2;
    if (!end) return std::nullopt;
    return std::chrono::ceil<std::chrono::seconds>(*end - *status.times.t1).count();
}

/// An edit that the run in flight does not take up has not been observed yet.
std::int64_t observed_generation(const api::OmsUpgrade& resource, const api::Status& status) {
    const bool bound = status.run && !status.run->outcome;
    if (!bound || api::spec_hash(resource.spec) == status.run->spec_hash)
        return resource.generation;
    return status.run->generation;
}

std::string advice(const api::Run& run) {
    if (run.cursor.goal == api::Goal::Reverted) {
        return ". Everything is kept as it is now, backup and both containers included. Remove the "
               "cause, then set the annotation " +
               std::string(api::kRetry) + " to a new value: the rollback goes on from there";
    }
    return "";
}

}  // namespace

Summary summary_of(const api::Run& run, const std::string& why) {
    const bool back = run.cursor.goal == api::Goal::Reverted;
    if (!run.outcome) {
        if (back)
            return {Standing::Working, "RollingBack", "RollingBack", run.cursor.phase + ": " + why};
        if (run.cursor.failure) {
            return {
                Standing::Bad,
                "Held",
                "HeldForPerson",
                *run.cursor.failure +
                    ". spec.rollback.onFailure is Manual: set spec.rollback.requested to true to "
                    "go back"};
        }
        if (run.cursor.phase != "Approve")
            return {Standing::Working, run.cursor.phase, run.cursor.phase, why};
        const bool asks = run.spec.approval == api::Approval::Required;
        return {Standing::Waiting,
                run.cursor.phase,
                asks ? "WaitingForApproval" : "WaitingForWindow",
                why};
    }
    switch (*run.outcome) {
        case Outcome::Succeeded:
            return {Standing::Good,
                    "Succeeded",
                    "Succeeded",
                    "OMS is at version " + run.spec.target_version};
        case Outcome::RolledBack:
            return {Standing::Bad,
                    "RolledBack",
                    "RolledBack",
                    "OMS is as it was before. Cause: " +
                        run.cursor.failure.value_or("a rollback was asked for")};
        case Outcome::Refused:
            return {Standing::Bad, "Refused", "Refused", "nothing was touched. " + why};
        case Outcome::Failed:
            break;
    }
    return {Standing::Bad, "Failed", back ? "RollbackFailed" : "Failed", why + advice(run)};
}

api::Status summarize(const api::OmsUpgrade& resource,
                      api::Status status,
                      const Summary& summary,
                      std::span<const Phase> plan,
                      Time now) {
    status.observed_generation = observed_generation(resource, status);
    status.phase = summary.phase;
    status.message = summary.message;
    status.downtime_seconds = seconds_down(status);
    set_summary_conditions(status, summary, is_undone_as_asked(resource, status), now);
    const bool ended = status.run && status.run->outcome;
    for (const auto& phase : plan) {
        if (!phase.milestone.empty())
            set(status, phase.milestone, milestone(status, phase, ended), now);
    }
    set(status, "RolledBack", rolled_back(status), now);
    return status;
}

}  // namespace oms::upgrade
