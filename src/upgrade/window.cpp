#include "upgrade/window.hpp"

#include "base/time_zone.hpp"

#include <algorithm>
#include <cstdlib>

namespace oms::upgrade {
namespace {

using namespace std::chrono_literals;

/// "02:30" as minutes; its form was checked with the manifest.
std::chrono::minutes time_of_day(const std::string& text) {
    const auto number = [&](std::size_t at) { return std::atoi(text.substr(at, 2).c_str()); };
    return std::chrono::hours{number(0)} + std::chrono::minutes{number(3)};
}

bool opens_on(const api::MaintenanceWindow& window, std::chrono::sys_days date) {
    const auto day = static_cast<api::Weekday>(std::chrono::weekday{date}.c_encoding());
    return std::find(window.days.begin(), window.days.end(), day) != window.days.end();
}

std::chrono::seconds needed_of(const api::MaintenanceWindow& window,
                               std::optional<std::chrono::seconds> measured) {
    if (window.minutes_needed) return std::chrono::minutes{*window.minutes_needed};
    return measured.value_or(0s);
}

std::string minutes(std::chrono::seconds time) {
    return std::to_string(std::chrono::ceil<std::chrono::minutes>(time).count()) + " minutes";
}

}  // namespace

std::optional<std::string> why_closed(const api::MaintenanceWindow& window,
                                      std::optional<std::chrono::seconds> measured,
                                      Time now) {
    const TimeZone zone(window.time_zone);
    const std::chrono::minutes open_for{window.duration_minutes};
    const std::chrono::seconds needed = needed_of(window, measured);
    if (needed > open_for) {
        return "the maintenance window is open for " + minutes(open_for) +
               ", and the upgrade needs " + minutes(needed) +
               (window.minutes_needed ? "" : " as measured before") +
               ": lengthen it (spec.maintenanceWindow.durationMinutes)";
    }
    const auto today = zone.date(now);
    std::string too_late;
    // The one that opened yesterday may still be open; the next one is within a week.
    for (auto date = today - std::chrono::days{1}; date <= today + std::chrono::days{7};
         date += std::chrono::days{1}) {
        if (!opens_on(window, date)) continue;
        const Time opens = zone.at(date, time_of_day(window.start));
        const Time closes = opens + open_for;
        if (closes <= now) continue;
        if (opens > now) {
            return too_late + "waiting for the maintenance window, which opens " +
                   zone.show(opens) + " (" + window.time_zone + ")";
        }
        if (now + needed <= closes) return std::nullopt;
        too_late = "the upgrade needs " + minutes(needed) +
                   (window.minutes_needed ? "" : " as measured before") +
                   ", and the maintenance window closes " + zone.show(closes) + "; ";
    }
    return too_late + "waiting for the maintenance window";
}

}  // namespace oms::upgrade
