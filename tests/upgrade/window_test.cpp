// Goal: OMS is stopped only within a maintenance window that has enough left of it.
// Method: a table of moments around windows, in zones with and without summer time.

#include "upgrade/window.hpp"

#include "base/error.hpp"
#include "catch.hpp"

namespace oms::upgrade {
namespace {

using namespace std::chrono_literals;
using api::Weekday;

Time at(const char* text) {
    return *from_rfc3339(text);
}

/// Saturdays and Sundays from 02:00 to 06:00 in Shanghai, which is UTC+8 all year.
api::MaintenanceWindow weekends() {
    return {.days = {Weekday::Sat, Weekday::Sun},
            .start = "02:00",
            .duration_minutes = 240,
            .time_zone = "Asia/Shanghai",
            .minutes_needed = {}};
}

bool open(const api::MaintenanceWindow& window, const char* now) {
    return !why_closed(window, std::nullopt, at(now));
}

std::string why(const api::MaintenanceWindow& window,
                std::optional<std::chrono::seconds> measured,
                const char* now) {
    return why_closed(window, measured, at(now)).value_or("open");
}

TEST_CASE("a window is open from its start for its length, on its days only", "[window]") {
    // 2026-11-28 is a Saturday.
    CHECK_FALSE(open(weekends(), "2026-11-27T17:59:59Z"));
    CHECK(open(weekends(), "2026-11-27T18:00:00Z"));
    CHECK(open(weekends(), "2026-11-27T21:59:59Z"));
    CHECK_FALSE(open(weekends(), "2026-11-27T22:00:00Z"));
    CHECK(open(weekends(), "2026-11-28T18:00:00Z"));
    CHECK_FALSE(open(weekends(), "2026-11-29T18:00:00Z"));
    CHECK(why(weekends(), {}, "2026-11-29T18:00:00Z") ==
          "waiting for the maintenance window, which opens 2026-12-05 02:00 +08:00 "
          "(Asia/Shanghai)");
}

TEST_CASE("a window that opens late stays open past midnight", "[window]") {
    auto late = weekends();
    late.start = "23:00";
    late.days = {Weekday::Sun};
    CHECK(open(late, "2026-11-29T16:30:00Z"));  // Monday, 00:30 in Shanghai
    CHECK_FALSE(open(late, "2026-11-28T16:30:00Z"));
}

TEST_CASE("too little of a window is as good as none", "[window]") {
    auto window = weekends();
    CHECK(why(window, 30min, "2026-11-27T21:30:00Z") == "open");
    CHECK(why(window, 31min, "2026-11-27T21:30:00Z") ==
          "the upgrade needs 31 minutes as measured before, and the maintenance window closes "
          "2026-11-28 06:00 +08:00; waiting for the maintenance window, which opens 2026-11-29 "
          "02:00 +08:00 (Asia/Shanghai)");
    window.minutes_needed = 10;
    CHECK(why(window, 31min, "2026-11-27T21:30:00Z") == "open");
    window.minutes_needed = 241;
    CHECK(why(window, {}, "2026-11-27T18:00:00Z").find("lengthen it") != std::string::npos);
}

TEST_CASE("a window follows the clocks of its zone through summer time", "[window]") {
    api::MaintenanceWindow night{.days = {Weekday::Sun},
                                 .start = "02:30",
                                 .duration_minutes = 60,
                                 .time_zone = "Europe/Berlin",
                                 .minutes_needed = {}};
    CHECK(open(night, "2026-07-05T00:30:00Z"));
    CHECK(open(night, "2026-12-06T01:30:00Z"));
    // 02:30 is jumped over on 2026-03-29; the clocks go from 02:00 to 03:00 at 01:00 UTC.
    CHECK_FALSE(open(night, "2026-03-29T00:59:00Z"));
    CHECK(open(night, "2026-03-29T01:00:00Z"));
    // It is shown twice on 2026-10-25; the first time counts.
    CHECK(open(night, "2026-10-25T00:30:00Z"));
    CHECK_FALSE(open(night, "2026-10-25T01:30:00Z"));
}

TEST_CASE("a time zone that there is not is named", "[window]") {
    auto window = weekends();
    window.time_zone = "Asia/Atlantis";
    CHECK_THROWS_AS(open(window, "2026-11-28T18:00:00Z"), Terminal);
}

}  // namespace
}  // namespace oms::upgrade
