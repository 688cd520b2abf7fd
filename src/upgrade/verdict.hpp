#pragma once

#include "api/status.hpp"

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

}  // namespace oms::upgrade
