#pragma once

#include "api/spec.hpp"
#include "base/clock.hpp"

#include <optional>
#include <string>

namespace oms::upgrade {

/// Why OMS may not be stopped now: the window is closed, or too little of it is left for an upgrade
/// that takes `needed`. Empty: it may. Throws Terminal for a time zone that there is not.
std::optional<std::string> why_closed(const api::MaintenanceWindow&,
                                      std::optional<std::chrono::seconds> needed,
                                      Time now);

}  // namespace oms::upgrade
