#pragma once

#include "upgrade/target.hpp"
#include "upgrade/tools.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace oms::upgrade {

/// What is first found wrong with the new OMS in that many looks in a row; empty: nothing.
std::optional<std::string> trouble_within(const Target&,
                                          const Tools&,
                                          int looks,
                                          std::chrono::milliseconds between);

}  // namespace oms::upgrade
