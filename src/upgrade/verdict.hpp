#pragma once

#include "api/status.hpp"

#include <cstddef>
#include <string>
#include <variant>

namespace oms::upgrade {

using api::Goal;

/// What a phase concludes from its facts. Four answers, and no fifth: these are
/// all that `decide` knows how to handle.
struct Done {  // the goal holds
    bool operator==(const Done&) const = default;
};
struct Due {  // the goal does not hold, a push may help
    std::string why;
    bool operator==(const Due&) const = default;
};
struct Pending {  // the world is still moving, look again
    std::string why;
    bool operator==(const Pending&) const = default;
};
struct Stuck {  // no push can help
    std::string why;
    bool operator==(const Stuck&) const = default;
};

using Verdict = std::variant<Done, Due, Pending, Stuck>;

/// A goal holds when it holds on every node: the first verdict that is not Done, else Done.
template <class JudgeNode>
Verdict judge_nodes(std::size_t count, const JudgeNode& judge) {
    for (std::size_t node = 0; node < count; ++node) {
        Verdict verdict = judge(node);
        if (!std::holds_alternative<Done>(verdict)) return verdict;
    }
    return Done{};
}

}  // namespace oms::upgrade
