#include "upgrade/decide.hpp"

#include "base/overloaded.hpp"
#include "upgrade/row_of.hpp"

namespace oms::upgrade {
namespace {

using Row = std::vector<PhaseLimits>::const_iterator;

Cursor turned_to(const Cursor& from, Row row, Goal goal, Time now) {
    return {.phase = std::string(row->name),
            .goal = goal,
            .pushes = 0,
            .since = now,
            .failure = from.failure};
}

Decision step_on(const Cursor& cursor, const Policy& policy, Row row, Time now) {
    if (cursor.goal == Goal::Applied) {
        if (row + 1 == policy.phases.end())
            return Finish{Outcome::Succeeded, "all phases are done"};
        return Move{turned_to(cursor, row + 1, Goal::Applied, now),
                    std::string(row->name) + " is done"};
    }
    if (row == policy.phases.begin()) return Finish{Outcome::RolledBack, "everything is put back"};
    return Move{turned_to(cursor, row - 1, Goal::Reverted, now),
                std::string(row->name) + " is undone"};
}

/// A phase that fails may be half done, so the way back starts with that phase. A run that fails
/// before the first phase that touches OMS is refused: there is nothing to go back from.
Decision turn_back(
    const Cursor& cursor, const Policy& policy, Row row, Time now, const std::string& why) {
    if (cursor.goal == Goal::Reverted) {
        return Finish{Outcome::Failed,
                      "the rollback failed in " + std::string(row->name) + ": " + why};
    }
    if (!row->touches_oms) return Finish{Outcome::Refused, std::string(row->name) + ": " + why};
    Cursor failed = cursor;
    failed.failure = std::string(row->name) + ": " + why;
    if (!policy.roll_back_by_itself) return Hold{failed, why};
    return Move{turned_to(failed, row, Goal::Reverted, now), why};
}

std::string in_vain(const std::string& why, int pushes) {
    return why + " (after " + std::to_string(pushes) + (pushes == 1 ? " attempt)" : " attempts)");
}

std::string too_late(const std::string& why, std::chrono::seconds deadline) {
    return why + " (the phase's deadline of " + std::to_string(deadline.count()) + " s is over)";
}

}  // namespace

Decision decide(const Cursor& cursor, const Verdict& verdict, const Policy& policy, Time now) {
    const Row row = row_of(policy.phases, cursor.phase);
    const bool late = row->deadline.count() != 0 && now - cursor.since > row->deadline;
    // A person has not answered yet.
    if (cursor.failure && cursor.goal == Goal::Applied) return Hold{cursor, *cursor.failure};
    return std::visit(
        Overloaded{
            [&](const Done&) { return step_on(cursor, policy, row, now); },
            [&](const Due& due) -> Decision {
                if (late)
                    return turn_back(cursor, policy, row, now, too_late(due.why, row->deadline));
                if (cursor.pushes >= row->pushes_max)
                    return turn_back(cursor, policy, row, now, in_vain(due.why, cursor.pushes));
                Cursor at = cursor;
                ++at.pushes;
                return Push{at, due.why};
            },
            [&](const Pending& pending) -> Decision {
                if (late) {
                    return turn_back(
                        cursor, policy, row, now, too_late(pending.why, row->deadline));
                }
                return Wait{pending.why};
            },
            [&](const Stuck& stuck) { return turn_back(cursor, policy, row, now, stuck.why); },
        },
        verdict);
}

}  // namespace oms::upgrade
