#pragma once

#include "upgrade/target.hpp"
#include "upgrade/tools.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace oms::upgrade {

/// What is first found wrong with the new OMS in looks that go on for `time`, and are at least
/// `looks`; empty: nothing.
std::optional<std::string> trouble_within(const Target&,
                                          const Tools&,
                                          std::chrono::milliseconds time,
                                          int looks);

}  // namespace oms::upgrade
