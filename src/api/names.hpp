#pragma once

#include "api/status.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace oms::api {

/// One value of an enum, and how it is written in a manifest and in status.
template <class E>
struct Named {
    E value;
    std::string_view name;
};

/// Spelled out for clang 14, which does not deduce the types of an aggregate.
template <class E>
Named(E, std::string_view) -> Named<E>;

/// Every value of an enum, in the order of its declaration.
template <class E>
inline constexpr std::array<Named<E>, 0> kNames{};

template <>
inline constexpr std::array kNames<Role>{Named{Role::All, "All"},
                                         Named{Role::Management, "Management"},
                                         Named{Role::Component, "Component"}};
template <>
inline constexpr std::array kNames<DeploymentMode>{Named{DeploymentMode::Integrated, "Integrated"},
                                                   Named{DeploymentMode::Separated, "Separated"}};
template <>
inline constexpr std::array kNames<BackupCompression>{Named{BackupCompression::Zstd, "Zstd"},
                                                      Named{BackupCompression::None, "None"}};
template <>
inline constexpr std::array kNames<BackupVerify>{Named{BackupVerify::ReadBack, "ReadBack"},
                                                 Named{BackupVerify::Size, "Size"}};
template <>
inline constexpr std::array kNames<DuplicateTaskNames>{Named{DuplicateTaskNames::Fail, "Fail"},
                                                       Named{DuplicateTaskNames::Rename, "Rename"}};
template <>
inline constexpr std::array kNames<OnFailure>{Named{OnFailure::Automatic, "Automatic"},
                                              Named{OnFailure::Manual, "Manual"}};
template <>
inline constexpr std::array kNames<Approval>{Named{Approval::NotRequired, "NotRequired"},
                                             Named{Approval::Required, "Required"},
                                             Named{Approval::Granted, "Granted"}};
template <>
inline constexpr std::array kNames<Weekday>{Named{Weekday::Sun, "Sun"},
                                            Named{Weekday::Mon, "Mon"},
                                            Named{Weekday::Tue, "Tue"},
                                            Named{Weekday::Wed, "Wed"},
                                            Named{Weekday::Thu, "Thu"},
                                            Named{Weekday::Fri, "Fri"},
                                            Named{Weekday::Sat, "Sat"}};
template <>
inline constexpr std::array kNames<ConditionStatus>{Named{ConditionStatus::True, "True"},
                                                    Named{ConditionStatus::False, "False"},
                                                    Named{ConditionStatus::Unknown, "Unknown"}};
template <>
inline constexpr std::array kNames<Goal>{Named{Goal::Applied, "Applied"},
                                         Named{Goal::Reverted, "Reverted"}};
template <>
inline constexpr std::array kNames<Outcome>{Named{Outcome::Succeeded, "Succeeded"},
                                            Named{Outcome::RolledBack, "RolledBack"},
                                            Named{Outcome::Failed, "Failed"},
                                            Named{Outcome::Refused, "Refused"}};
template <>
inline constexpr std::array kNames<StepState>{Named{StepState::Running, "Running"},
                                              Named{StepState::Done, "Done"},
                                              Named{StepState::Failed, "Failed"}};
template <>
inline constexpr std::array kNames<TaskKind>{Named{TaskKind::Migration, "Migration"},
                                             Named{TaskKind::Synchronization, "Synchronization"}};
template <>
inline constexpr std::array kNames<Severity>{Named{Severity::Error, "Error"},
                                             Named{Severity::Warning, "Warning"},
                                             Named{Severity::Info, "Info"}};

template <class E>
concept HasNames = (!kNames<E>.empty());

/// "RolledBack" of Outcome::RolledBack.
template <HasNames E>
constexpr std::string_view to_string(E value) {
    for (const auto& known : kNames<E>)
        if (known.value == value) return known.name;
    return {};
}

template <HasNames E>
constexpr std::optional<E> from_name(std::string_view name) {
    for (const auto& known : kNames<E>)
        if (known.name == name) return known.value;
    return std::nullopt;
}

}  // namespace oms::api
