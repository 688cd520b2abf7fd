#include "upgrade/intake.hpp"

#include "api/json.hpp"
#include "base/sha256.hpp"
#include "oms/version.hpp"
#include "upgrade/summarize.hpp"

#include <algorithm>

namespace oms::upgrade {
namespace {

using api::Goal;
using api::OmsUpgrade;
using api::Outcome;
using api::Run;
using api::Status;

/// One resource being taken in: what every answer is made from.
struct Desk {
    const OmsUpgrade& resource;
    std::span<const Phase> plan;
    Time now;

    Status written(Status status, const Summary& summary) const {
        return summarize(resource, std::move(status), summary, plan, now);
    }

    /// Waits as it is; `reason` and `message` say what for.
    Hang hang(Standing standing, const std::string& reason, const std::string& message) const {
        return {.status = written(resource.status, {standing, reason, reason, message})};
    }

    /// How a run that has ended reads, once more: the generation may have moved on.
    Hang rest() const {
        const Status& status = resource.status;
        Summary summary = summary_of(*status.run, "");
        summary.message = status.message;
        return {.status = written(status, summary)};
    }
};

std::string annotation(const OmsUpgrade& resource, std::string_view name) {
    const auto at = resource.annotations.find(std::string(name));
    return at == resource.annotations.end() ? "" : at->second;
}

bool asks_for_retry(const OmsUpgrade& resource) {
    const std::string asked = annotation(resource, api::kRetry);
    return !asked.empty() && asked != resource.status.run->retry;
}

std::string run_id(const OmsUpgrade& resource) {
    const std::string retry = annotation(resource, api::kRetry);
    std::string id = resource.uid + "-" + std::to_string(resource.generation);
    if (!retry.empty()) id += "-" + sha256_hex(retry).substr(0, 6);
    return id;
}

/// A run begins with an empty memory: what an earlier one recorded is about another world. The
/// conditions stay, for the times of their transitions, and how long the earlier one took.
Status begun(const Desk& desk) {
    const OmsUpgrade& resource = desk.resource;
    Status status;
    status.conditions = resource.status.conditions;
    status.observed = resource.status.observed;
    status.last_duration_seconds = resource.status.last_duration_seconds;
    Run run{.id = run_id(resource),
            .spec_hash = api::spec_hash(resource.spec),
            .generation = resource.generation,
            .start_time = desk.now};
    run.retry = annotation(resource, api::kRetry);
    run.spec = resource.spec;
    run.cursor = {.phase = std::string(desk.plan.front().name), .since = desk.now};
    status.steps.push_back({.name = run.cursor.phase, .start_time = desk.now});
    status.run = std::move(run);
    return desk.written(status, summary_of(*status.run, "the run begins"));
}

/// Points the run backwards, from the phase it is at: that one may be half done.
Status turned_around(const Desk& desk, Status status, const std::string& why) {
    Run& run = *status.run;
    if (!status.steps.empty() && status.steps.back().state == api::StepState::Running) {
        status.steps.back().state = api::StepState::Failed;
        status.steps.back().finish_time = desk.now;
        status.steps.back().message = why;
    }
    run.cursor.goal = Goal::Reverted;
    run.cursor.pushes = 0;
    run.cursor.since = desk.now;
    if (!run.cursor.failure) run.cursor.failure = why;
    run.outcome.reset();
    run.finish_time.reset();
    status.steps.push_back(
        {.name = run.cursor.phase, .goal = Goal::Reverted, .start_time = desk.now});
    return desk.written(status, summary_of(run, why));
}

/// Ends a run that has touched nothing yet.
Status refused(const Desk& desk, const std::string& why) {
    Status status = desk.resource.status;
    Run& run = *status.run;
    if (!status.steps.empty()) {
        status.steps.back().state = api::StepState::Failed;
        status.steps.back().finish_time = desk.now;
        status.steps.back().message = why;
    }
    run.outcome = Outcome::Refused;
    run.finish_time = desk.now;
    return desk.written(status, summary_of(run, why));
}

/// Gives a rollback that failed another try, from where it failed.
Status taken_up_again(const Desk& desk, Status status) {
    Run& run = *status.run;
    run.retry = annotation(desk.resource, api::kRetry);
    run.outcome.reset();
    run.finish_time.reset();
    run.cursor.pushes = 0;
    run.cursor.since = desk.now;
    status.steps.push_back(
        {.name = run.cursor.phase, .goal = run.cursor.goal, .start_time = desk.now});
    return desk.written(status, summary_of(run, "trying again"));
}

Intake take_in_deleted(const Desk& desk) {
    const OmsUpgrade& resource = desk.resource;
    if (annotation(resource, api::kAbandon) == "true" || !in_flight(resource.status))
        return LetGo{};
    const Run& run = *resource.status.run;
    if (run.outcome) {
        if (asks_for_retry(resource)) return Admit{taken_up_again(desk, resource.status)};
        return desk.rest();
    }
    if (run.cursor.goal == Goal::Reverted) return Admit{resource.status};
    return Admit{turned_around(desk, resource.status, "the resource was deleted")};
}

Intake take_in_flight(const Desk& desk, const std::optional<api::Key>& other) {
    const OmsUpgrade& resource = desk.resource;
    const Run& run = *resource.status.run;
    // Both may have discovered each other's nodes: one that waited might wait for one that waits.
    if (other) {
        return Hang{.status = refused(desk,
                                      "the upgrade " + other->space + "/" + other->name +
                                          " works on a node that was discovered; ask again (the "
                                          "annotation " +
                                          std::string(api::kRetry) + ") when it has ended")};
    }
    if (resource.spec.paused) {
        const bool down = resource.status.times.t1 && !resource.status.times.t2;
        return desk.hang(
            Standing::Waiting,
            "Paused",
            "paused in " + run.cursor.phase + (down ? "; OMS is stopped meanwhile" : ""));
    }
    if (resource.spec.rollback.requested && run.cursor.goal == Goal::Applied)
        return Admit{turned_around(desk, resource.status, "a rollback was asked for")};
    return Admit{resource.status};
}

/// The spec of an upgrade that has succeeded was edited. Where nothing newer is asked for, no run
/// is begun: it could only be refused, and what is known of the way back would be forgotten for it.
std::optional<Intake> take_in_edit(const Desk& desk) {
    const api::Spec& wanted = desk.resource.spec;
    const api::Spec& made = desk.resource.status.run->spec;
    const auto to = parse_version(wanted.target_version);
    const auto at = parse_version(made.target_version);
    if (!to || !at || !is_same_oms(wanted, made)) return std::nullopt;
    if (*to == *at) return desk.rest();
    if (!(*to < *at)) return std::nullopt;
    return desk.hang(Standing::Bad,
                     "OlderVersion",
                     "OMS is at version " + made.target_version +
                         ", to which this resource has upgraded it, and spec.targetVersion is " +
                         wanted.target_version +
                         ". To go back, losing what MetaDB got since, set "
                         "spec.targetVersion to " +
                         made.target_version + " and spec.rollback.requested to true");
}

/// A run that has ended: is there anything to do about it yet?
std::optional<Intake> take_in_ended(const Desk& desk) {
    const OmsUpgrade& resource = desk.resource;
    const Run& run = *resource.status.run;
    if (*run.outcome == Outcome::Failed) {
        if (asks_for_retry(resource)) return Admit{taken_up_again(desk, resource.status)};
        return desk.rest();
    }
    if (*run.outcome == Outcome::Succeeded && resource.spec.rollback.requested)
        return Admit{turned_around(desk, resource.status, "a rollback was asked for")};
    const bool same = api::spec_hash(resource.spec) == run.spec_hash;
    const bool retry = *run.outcome != Outcome::Succeeded && asks_for_retry(resource);
    if (same && !retry) return desk.rest();
    if (*run.outcome == Outcome::Succeeded) return take_in_edit(desk);
    return std::nullopt;
}

}  // namespace

Intake take_in(const OmsUpgrade& resource,
               const std::optional<std::string>& problem,
               const std::optional<api::Key>& other,
               std::span<const Phase> plan,
               Time now) {
    const Desk desk{resource, plan, now};
    if (resource.deleting) return take_in_deleted(desk);
    const auto& run = resource.status.run;
    if (run && !run->outcome) return take_in_flight(desk, other);
    if (run)
        if (auto answer = take_in_ended(desk)) return *answer;
    if (problem) return desk.hang(Standing::Bad, "InvalidSpec", *problem);
    if (resource.spec.paused)
        return desk.hang(Standing::Waiting, "Paused", "paused before it began");
    if (resource.spec.rollback.requested) {
        return desk.hang(
            Standing::Bad,
            "NothingToRollBack",
            "spec.rollback.requested is true, and no upgrade was made; set it to false");
    }
    if (other) {
        Hang hang = desk.hang(Standing::Waiting,
                              "WaitingForOther",
                              "waiting for the upgrade " + other->space + "/" + other->name +
                                  " of the same OMS to end");
        hang.look_again = true;
        return hang;
    }
    return Admit{begun(desk)};
}

bool interrupts(const OmsUpgrade& resource) {
    if (!resource.status.run || resource.status.run->cursor.goal == Goal::Reverted) return false;
    return resource.deleting || (resource.spec.rollback.requested && !resource.spec.paused);
}

bool in_flight(const Status& status) {
    return status.run && (!status.run->outcome || *status.run->outcome == Outcome::Failed);
}

std::vector<std::string> oms_names(const api::Spec& spec) {
    std::vector<std::string> names;
    for (const auto& node : spec.nodes)
        names.push_back(node.docker.endpoint + "|" + node.container);
    return names;
}

bool is_same_oms(const api::Spec& one, const api::Spec& other) {
    const auto names = oms_names(one);
    const auto others = oms_names(other);
    return std::any_of(names.begin(), names.end(), [&](const auto& name) {
        return std::find(others.begin(), others.end(), name) != others.end();
    });
}

}  // namespace oms::upgrade
