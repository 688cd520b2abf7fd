#include "base/error.hpp"
#include "base/time_zone.hpp"
#include "upgrade/prechecks/rules.hpp"

namespace oms::upgrade {

void window_can_open(const Target& target, const Survey&, Findings& all) {
    const auto& window = target.spec.maintenance_window;
    if (!window) return;
    try {
        const TimeZone zone(window->time_zone);
    } catch (const Terminal& error) {
        add(all, "MaintenanceWindow", error.what(), "correct spec.maintenanceWindow.timeZone");
    }
    if (window->minutes_needed.value_or(0) > window->duration_minutes) {
        add(all,
            "MaintenanceWindow",
            "spec.maintenanceWindow is shorter than its own minutesNeeded",
            "lengthen it, or say less");
    }
}

}  // namespace oms::upgrade
