#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace oms {

/// The value of ha.config, at most this big: status keeps it whole (crds/, before.haConfig).
inline constexpr std::size_t kHaBytesMax = 1U << 16U;

/// What an upgrade needs to know of ha.config (oms-facts 1.2). Live values may lack any key but
/// `enable`, and may hold unknown ones.
struct HaConfig {
    bool enable = false;
    std::optional<bool> perceive_store_client_checkpoint = std::nullopt;
    std::optional<int> refetch_store_interval_min = std::nullopt;  // minutes, not negative
    std::optional<bool> enable_connector = std::nullopt;
    std::optional<bool> enable_jdbc_writer = std::nullopt;

    bool operator==(const HaConfig&) const = default;
};

/// Reads ha.config. Throws Terminal when it is not a JSON object, says a key twice, has no
/// `enable`, or one of the keys above is not of its type.
HaConfig parse_ha(std::string_view json);

/// The same text with "enable": false, and no other byte changed. Throws as parse_ha does.
std::string with_ha_disabled(std::string_view json);

/// What ha.config is to be after an upgrade (design, section 5).
struct HaPolicy {
    bool perceive = true;  // perceiveStoreClientCheckpoint
    std::optional<int> refetch_minutes =
        std::nullopt;         // the user's own; counts only without `perceive`
    int margin_minutes = 30;  // added to the outage, as in OceanBase's own example
    bool source_below_401 = false;
};

/// ha.config to be set after the upgrade: the saved text, byte for byte but for
///   - perceiveStoreClientCheckpoint, set to the policy's (a missing key means false);
///   - without `perceive`, refetchStoreIntervalMin: the saved one (30 when missing), or the user's
///     own in its place, raised to the outage in whole minutes plus margin where it is less; the
///     user's own is kept without margin as long as it is greater than the outage;
///   - from a source below 4.0.1: enableConnector true, when only enableJdbcWriter was.
/// HA that was off comes back unchanged. `outage` is T2 - T1. Throws as parse_ha does.
std::string restored_ha(std::string_view saved,
                        const HaPolicy& policy,
                        std::chrono::seconds outage);

}  // namespace oms
