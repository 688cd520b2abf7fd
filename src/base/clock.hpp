#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace oms {

using Clock = std::chrono::system_clock;
using Time = Clock::time_point;

/// Where "now" comes from. Passed in everywhere, so that tests own the time.
using Now = std::function<Time()>;

/// RFC 3339 in UTC with microseconds, as Kubernetes' MicroTime: "2026-11-23T05:51:35.000001Z".
std::string to_rfc3339(Time);

/// Reads RFC 3339 with any fraction and zone offset (Kubernetes' Time and MicroTime, Docker's
/// nanoseconds). Empty when it is not one.
std::optional<Time> from_rfc3339(std::string_view);

}  // namespace oms
