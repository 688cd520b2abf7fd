#pragma once

#include "api/status.hpp"
#include "upgrade/verdict.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace oms::upgrade {

using api::Cursor;
using api::Outcome;

struct PhaseLimits {
    std::string_view name;
    std::chrono::seconds deadline{};  // 0: none
    int pushes_max = 1;
    bool touches_oms = true;
};

/// What `decide` goes by besides the verdict.
struct Policy {
    std::vector<PhaseLimits> phases;  // the plan, in order
    bool roll_back_by_itself = true;  // spec.rollback.onFailure
};

// What to do next, as a value: a test compares it, the runner carries it out.
struct Move {
    Cursor to;
    std::string why;
    bool operator==(const Move&) const = default;
};
struct Push {
    Cursor at;
    std::string why;
    bool operator==(const Push&) const = default;
};
struct Wait {
    std::string why;
    bool operator==(const Wait&) const = default;
};
/// The run failed and a person has to say how it goes on (rollback.onFailure: Manual).
struct Hold {
    Cursor at;
    std::string why;
    bool operator==(const Hold&) const = default;
};
struct Finish {
    Outcome outcome;
    std::string why;
    bool operator==(const Finish&) const = default;
};

using Decision = std::variant<Move, Push, Wait, Hold, Finish>;

/// The whole policy of an upgrade, and no I/O. Throws Terminal when the cursor names a phase that
/// the plan does not have (a newer operator wrote it).
Decision decide(const Cursor&, const Verdict&, const Policy&, Time now);

}  // namespace oms::upgrade
