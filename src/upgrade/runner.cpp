#include "upgrade/runner.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/overloaded.hpp"
#include "upgrade/row_of.hpp"
#include "upgrade/summarize.hpp"

#include <algorithm>
#include <utility>

namespace oms::upgrade {
namespace {

using namespace std::chrono_literals;

/// What a push that failed is given before it is tried again.
constexpr std::array kRetryAfter{1s, 2s, 4s, 8s, 15s};

/// A world we cannot see is a world that is still moving: the phase deadline
/// then bounds an outage just as it bounds a slow start.
Verdict look(
    const Phase& phase, const Target& target, const Tools& tools, Goal goal, api::Status& status) {
    try {
        return phase.check(target, tools, goal, status);
    } catch (const Transient& error) {
        return Pending{error.what()};
    } catch (const Terminal& error) {
        return Stuck{error.what()};
    }
}

/// A push that no retry can help, and whose goal indeed does not hold, is not tried again.
Verdict with_error(Verdict verdict, const Cursor& cursor, const std::optional<PushError>& last) {
    const auto* due = std::get_if<Due>(&verdict);
    if (due == nullptr || !last || last->phase != cursor.phase || last->goal != cursor.goal)
        return verdict;
    if (last->terminal) return Stuck{last->what};
    return Due{due->why + "; the last attempt failed: " + last->what};
}

Policy policy_of(std::span<const Phase> plan, const Target& target) {
    Policy policy{.roll_back_by_itself =
                      target.spec.rollback.on_failure == api::OnFailure::Automatic};
    for (const Phase& phase : plan) {
        // What one node costs in lost requests does not use up another's.
        const int pushes = phase.pushes_max * static_cast<int>(target.spec.nodes.size());
        PhaseLimits limits{phase.name, phase.deadline, pushes, phase.touches_oms};
        for (const auto& deadline : target.spec.deadlines) {
            if (deadline.phase == phase.name)
                limits.deadline = std::chrono::seconds{deadline.seconds};
        }
        policy.phases.push_back(limits);
    }
    return policy;
}

void close_step(api::Status& status, api::StepState state, const std::string& why, Time now) {
    if (status.steps.empty()) return;
    api::Step& step = status.steps.back();
    if (step.state != api::StepState::Running) return;
    step.state = state;
    step.finish_time = now;
    step.message = why;
}

void move(api::Status& status, const Move& chosen, Time now) {
    const bool turns = status.run->cursor.goal != chosen.to.goal;
    close_step(status, turns ? api::StepState::Failed : api::StepState::Done, chosen.why, now);
    status.run->cursor = chosen.to;
    status.steps.push_back({.name = chosen.to.phase, .goal = chosen.to.goal, .start_time = now});
}

void finish(api::Status& status, const Finish& chosen, Time now) {
    const bool good = chosen.outcome == Outcome::Succeeded || chosen.outcome == Outcome::RolledBack;
    close_step(status, good ? api::StepState::Done : api::StepState::Failed, chosen.why, now);
    status.run->outcome = chosen.outcome;
    status.run->finish_time = now;
}

/// What the decision makes of the status: the cursor, the steps, the outcome. No I/O.
api::Status apply(const Decision& decision, api::Status status, Time now) {
    std::visit(Overloaded{
                   [&](const Move& chosen) { move(status, chosen, now); },
                   [&](const Push& chosen) {
                       status.run->cursor = chosen.at;
                       status.steps.back().attempts = chosen.at.pushes;
                       status.steps.back().message = chosen.why;
                   },
                   [&](const Wait& chosen) { status.steps.back().message = chosen.why; },
                   [&](const Hold& chosen) {
                       close_step(status, api::StepState::Failed, chosen.why, now);
                       status.run->cursor = chosen.at;
                   },
                   [&](const Finish& chosen) { finish(status, chosen, now); },
               },
               decision);
    return status;
}

/// How long OMS was worked at: from the first phase that touches it until now. Empty: none did.
std::optional<std::int64_t> seconds_at_work(const api::Status& status,
                                            std::span<const Phase> plan,
                                            Time now) {
    const auto touched =
        std::find_if(status.steps.begin(), status.steps.end(), [&](const api::Step& step) {
            return std::any_of(plan.begin(), plan.end(), [&](const Phase& phase) {
                return phase.touches_oms && phase.name == step.name;
            });
        });
    if (touched == status.steps.end()) return std::nullopt;
    return std::chrono::ceil<std::chrono::seconds>(now - touched->start_time).count();
}

std::string_view name_of(const Decision& decision) {
    constexpr std::array<std::string_view, 5> kNames{"Move", "Push", "Wait", "Hold", "Finish"};
    return kNames.at(decision.index());
}

std::string why_of(const Decision& decision) {
    return std::visit([](const auto& chosen) { return chosen.why; }, decision);
}

void log_decision(const api::OmsUpgrade& resource, const Cursor& cursor, const Decision& decision) {
    const bool quiet = std::holds_alternative<Wait>(decision);
    log::write(quiet ? log::Level::Debug : log::Level::Info,
               "decided",
               {{"upgrade", resource.key.space + "/" + resource.key.name},
                {"uid", resource.uid},
                {"run", resource.status.run->id},
                {"phase", cursor.phase},
                {"goal", cursor.goal == Goal::Applied ? "Applied" : "Reverted"},
                {"attempt", std::to_string(cursor.pushes)},
                {"decision", std::string(name_of(decision))},
                {"why", why_of(decision)}},
               log::Where::current());
}

std::optional<PushError> push(const Phase& phase, const Target& target, Tools& tools, Goal goal) {
    const auto failed = [&](const std::exception& error, bool terminal) {
        log::warn(
            "a push failed",
            {{"run", target.run_id}, {"phase", std::string(phase.name)}, {"error", error.what()}});
        return PushError{std::string(phase.name), goal, error.what(), terminal};
    };
    try {
        phase.push(target, tools, goal);
        return std::nullopt;
    } catch (const Terminal& error) {
        return failed(error, true);
    } catch (const Failure& error) {
        return failed(error, false);
    }
}

std::optional<std::chrono::milliseconds> next_look(const Decision& decision, const Phase& phase) {
    if (std::holds_alternative<Finish>(decision) || std::holds_alternative<Hold>(decision))
        return std::nullopt;
    if (!std::holds_alternative<Wait>(decision)) return 0ms;
    return phase.look_again;
}

}  // namespace

StepEnd Runner::step(const api::OmsUpgrade& resource,
                     Tools& tools,
                     Journal& journal,
                     const std::optional<PushError>& last) const {
    const Target target = make_target(resource);
    const Cursor& cursor = resource.status.run->cursor;
    const Phase& phase = *row_of(plan_, cursor.phase);

    api::Status status = resource.status;
    const Verdict verdict =
        with_error(look(phase, target, tools, cursor.goal, status), cursor, last);
    const Time now = tools.now();
    const Decision decision = decide(cursor, verdict, policy_of(plan_, target), now);

    status = apply(decision, std::move(status), now);
    if (std::holds_alternative<Finish>(decision)) {
        if (const auto seconds = seconds_at_work(status, plan_, now))
            status.last_duration_seconds = seconds;
    }
    const Summary summary = summary_of(*status.run, why_of(decision));
    status = summarize(resource, std::move(status), summary, plan_, now);
    if (status != resource.status) {
        log_decision(resource, cursor, decision);
        journal.record(status);
    }

    StepEnd end{.status = std::move(status), .again = next_look(decision, phase)};
    if (!std::holds_alternative<Push>(decision)) return end;
    // What was recorded is what the push goes by: it may hold what was there before it.
    api::OmsUpgrade recorded = resource;
    recorded.status = end.status;
    end.error = push(phase, make_target(recorded), tools, cursor.goal);
    if (end.error) {
        const auto tries = static_cast<std::size_t>(end.status.run->cursor.pushes);
        end.again = end.error->terminal ? 0ms
                                        : std::chrono::milliseconds{kRetryAfter.at(
                                              std::min(tries, kRetryAfter.size()) - 1)};
    }
    return end;
}

}  // namespace oms::upgrade
