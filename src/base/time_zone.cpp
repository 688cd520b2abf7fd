#include "base/time_zone.hpp"

#include "base/error.hpp"

#include <date/date.h>
#include <date/tz.h>

#include <stdexcept>

namespace oms {
namespace {

const date::time_zone& zone_of(const void* zone) {
    return *static_cast<const date::time_zone*>(zone);
}

const date::time_zone* find(const std::string& name) {
    try {
        return date::locate_zone(name);
    } catch (const std::runtime_error& error) {
        throw Terminal("the time zone '" + name + "' is not in this machine's database (" +
                       error.what() +
                       "); name one as Asia/Shanghai, and install tzdata where it is missing");
    }
}

}  // namespace

TimeZone::TimeZone(const std::string& name) : zone_(find(name)) {}

std::chrono::sys_days TimeZone::date(Time time) const {
    const auto local = zone_of(zone_).to_local(time);
    return std::chrono::sys_days{std::chrono::floor<std::chrono::days>(local).time_since_epoch()};
}

Time TimeZone::at(std::chrono::sys_days date, std::chrono::minutes time_of_day) const {
    const date::local_seconds local{date.time_since_epoch() + time_of_day};
    const auto info = zone_of(zone_).get_info(local);
    // Skipped: the first offset ends where the jump is.
    if (info.result == date::local_info::nonexistent) return info.first.end;
    return Time{local.time_since_epoch() - info.first.offset};
}

std::string TimeZone::show(Time time) const {
    const auto zoned =
        date::make_zoned(&zone_of(zone_), std::chrono::floor<std::chrono::minutes>(time));
    return date::format("%F %H:%M %Ez", zoned);
}

}  // namespace oms
