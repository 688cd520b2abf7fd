#pragma once

#include "api/oms_upgrade.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

namespace oms::api {

/// What the CRD asks of a spec (crds/omsupgrades.yaml), in the same words, for the home without an
/// API server and for resources stored before the CRD said so. All problems at once.
std::vector<Problem> validate(const Spec&);

/// Name and namespace: they become parts of file names, container labels and job ids.
std::vector<Problem> validate(const Key&);

/// The phases that `deadlines` may name.
inline constexpr std::array<std::string_view, 18> kPhases{"Precheck",
                                                          "LoadImage",
                                                          "Approve",
                                                          "DisableHA",
                                                          "UpgradeComponents",
                                                          "StopOMS",
                                                          "CompactHeartbeat",
                                                          "BackupMetaDB",
                                                          "RenameTasks",
                                                          "SeparateCM",
                                                          "MigrateConfig",
                                                          "StartOMS",
                                                          "MigrateSchema",
                                                          "RecordVersion",
                                                          "UpgradeMetadata",
                                                          "Verify",
                                                          "EnableHA",
                                                          "Confirm"};

/// The limits of the CRD.
namespace limits {

inline constexpr std::size_t kNameBytesMax = 52;  // leaves room for a suffix within 63
inline constexpr std::size_t kVersionBytesMax = 32;
inline constexpr std::size_t kReferenceBytesMax = 512;
inline constexpr std::size_t kPathBytesMax = 1024;
inline constexpr std::size_t kEndpointBytesMax = 256;
inline constexpr std::size_t kContainerBytesMax = 128;
inline constexpr std::size_t kAddressBytesMax = 45;
inline constexpr std::size_t kRegionBytesMax = 64;
inline constexpr std::size_t kHostBytesMax = 253;
inline constexpr std::size_t kSecretNameBytesMax = 253;
inline constexpr std::size_t kFindingBytesMax = 128;
inline constexpr std::size_t kDatabaseBytesMax = 64;
inline constexpr std::size_t kNodesMax = 32;
inline constexpr std::size_t kWaivedMax = 32;
inline constexpr std::int32_t kWindowMinutesMax = 1440;
inline constexpr std::size_t kTimeZoneBytesMax = 64;
inline constexpr std::int32_t kThreadsMax = 64;
inline constexpr std::int32_t kRefetchMinutesMax = 43200;    // 30 days
inline constexpr std::int32_t kConfirmSecondsMax = 240;      // within Confirm's deadline
inline constexpr std::int32_t kDeadlineSecondsMax = 604800;  // 7 days

}  // namespace limits

/// The patterns of the CRD's rules, in the part of the syntax that RE2 and ECMAScript share.
namespace patterns {

inline constexpr std::string_view kVersion =
    "^[0-9]{1,4}[.][0-9]{1,4}[.][0-9]{1,4}([-_][0-9A-Za-z]{1,8}){0,2}$";
inline constexpr std::string_view kReference =
    "^[A-Za-z0-9][A-Za-z0-9._/:-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|@sha256:[0-9a-f]{64})$";
inline constexpr std::string_view kImageId = "^sha256:[0-9a-f]{64}$";
inline constexpr std::string_view kEndpoint =
    "^(unix:///[^ ]+|tcp://([A-Za-z0-9.-]+|[[][0-9A-Fa-f:.]+]):[0-9]{1,5})$";
inline constexpr std::string_view kEndpointPattern = "^tcp://[{]ip[}]:[0-9]{1,5}$";
inline constexpr std::string_view kContainer = "^[A-Za-z0-9][A-Za-z0-9_.-]+$";
inline constexpr std::string_view kAddress =
    "^((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])([.](25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}|"
    "[0-9A-Fa-f]{0,4}(:[0-9A-Fa-f]{0,4}){2,7})$";
inline constexpr std::string_view kRegion = "^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$";
inline constexpr std::string_view kHost = "^[A-Za-z0-9:]([A-Za-z0-9_.:-]*[A-Za-z0-9])?$";
inline constexpr std::string_view kSecretName =
    "^[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)*$";
inline constexpr std::string_view kTimeOfDay = "^([01][0-9]|2[0-3]):[0-5][0-9]$";
inline constexpr std::string_view kTimeZone = "^[A-Za-z][A-Za-z0-9_+/-]*$";
inline constexpr std::string_view kFinding = "^[A-Z][A-Za-z0-9]*(/[A-Za-z0-9_.-]+)?$";
inline constexpr std::string_view kDatabase = "^[A-Za-z0-9_$-]+$";

}  // namespace patterns

}  // namespace oms::api
