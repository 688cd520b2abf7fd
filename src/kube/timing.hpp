#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

namespace oms::kube {

using Instant = std::chrono::steady_clock::time_point;

/// What this room knows of time passing. Passed in, so that no test ever waits. It is the steady
/// clock: deadlines and back-offs must not move when somebody sets the machine's date.
struct Timing {
    std::function<Instant()> now;
    /// Returns when the time is over; throws Stopped as soon as the token asks.
    std::function<void(std::chrono::milliseconds, const std::stop_token&)> wait;
};

Timing real_timing();

}  // namespace oms::kube
