#pragma once

#include "api/oms_upgrade.hpp"
#include "base/clock.hpp"

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace oms::metrics {

/// What Prometheus is told of one OMSUpgrade. It is kept for each of them, so it is small; and
/// words in it are words of ours, whatever the resource holds.
struct UpgradeFacts {
    struct Finding {
        std::string name;  // without what follows a "/", which is an id
        std::string_view severity;
        bool waived = false;

        auto operator<=>(const Finding&) const = default;
    };

    std::string_view state;
    bool rollback_requested = false;

    // Of a run that has not ended.
    std::string_view phase;  // empty: there is none
    Time phase_start{};
    std::chrono::seconds phase_deadline{};  // 0: none
    std::int32_t attempts = 0;

    std::optional<Time> down_since;            // OMS is stopped now
    std::optional<std::int64_t> seconds_down;  // it was, and is back
    std::optional<Time> backup_end;            // when the dump was complete
    std::int64_t backup_bytes = 0;             // compressed, as they lie there
    std::optional<double> dump_seconds;        // until it was complete
    std::optional<double> restore_seconds;     // likewise
    std::map<Finding, std::size_t> findings;   // how many of each

    bool operator==(const UpgradeFacts&) const = default;
};

UpgradeFacts facts_of(const api::OmsUpgrade&);

/// Every state there is.
inline constexpr auto kStates = std::to_array<std::string_view>({
    "Pending",    // not looked at yet
    "Upgrading",  // a phase is under way
    "Approve",    // waits for an approval, or for its window
    "Paused",
    "WaitingForOther",
    "Held",  // a phase failed, and a person is to say what now
    "RollingBack",
    "Succeeded",
    "RolledBack",
    "Refused",
    "InvalidSpec",
    "NothingToRollBack",
    "OlderVersion",
    "Failed",  // on the way forward
    "RollbackFailed",
    "Other",  // none that this version knows
});

}  // namespace oms::metrics
