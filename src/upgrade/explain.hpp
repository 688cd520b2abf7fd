#pragma once

#include "api/oms_upgrade.hpp"
#include "upgrade/phase.hpp"
#include "upgrade/tools.hpp"

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

namespace oms::upgrade {

/// Opens the world of the resource's pinned spec.
using OpenOutside = std::function<std::shared_ptr<Outside>(const api::OmsUpgrade&)>;

struct Explanation {
    std::string text;
    bool refused = false;  // by what the prechecks find, as it stands
};

/// Everything that an upgrade would do, in order, with the equivalent shell and SQL for a person to
/// audit; what the prechecks find comes first, with the nodes that are discovered, and config.yaml
/// as it would be, secrets masked. Looks at the world, touches nothing. Throws what reading the
/// resource throws.
Explanation explain(const api::OmsUpgrade&,
                    const OpenOutside& open,
                    const Now& now,
                    const std::stop_token& stop,
                    std::span<const Phase> plan);

}  // namespace oms::upgrade
