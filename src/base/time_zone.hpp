#pragma once

#include "base/clock.hpp"

#include <chrono>
#include <string>

namespace oms {

/// A time zone of the IANA database, as this machine has it.
class TimeZone {
public:
    /// Throws Terminal when there is no such zone, naming it.
    explicit TimeZone(const std::string& name);

    /// Days since 1970-01-01 of the date that its calendars show.
    std::chrono::sys_days date(Time) const;

    /// When its clocks show that time of that date: the first time where they show it twice, and
    /// when they have jumped over it, the moment of the jump.
    Time at(std::chrono::sys_days date, std::chrono::minutes time_of_day) const;

    /// "2026-11-28 02:00 +08:00".
    std::string show(Time) const;

private:
    const void* zone_;  // of the database, which lives as long as the program
};

}  // namespace oms
