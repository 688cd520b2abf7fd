#pragma once

#include "api/oms_upgrade.hpp"
#include "upgrade/phase.hpp"
#include "upgrade/tools.hpp"

#include <span>
#include <string>

namespace oms::upgrade {

struct Explanation {
    std::string text;
    bool refused = false;  // by what the prechecks find, as it stands
};

/// Everything that an upgrade would do, in order, with the equivalent shell and SQL for a person to
/// audit; what the prechecks find comes first, and config.yaml as it would be, secrets masked.
/// Looks at the world, touches nothing. Throws what reading the resource throws.
Explanation explain(const api::OmsUpgrade&, const Tools&, std::span<const Phase> plan);

}  // namespace oms::upgrade
