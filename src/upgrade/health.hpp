#pragma once

#include "upgrade/target.hpp"
#include "upgrade/tools.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace oms::upgrade {

/// What is first found wrong with the new OMS in that many looks in a row; empty: nothing. They
/// begin a moment apart and overlap, as OMS is down while they are taken. As long as what is
/// quickly told is wrong, nothing else is asked.
std::optional<std::string> trouble_in_looks(const Target&, const Tools&, int looks);

/// The same in looks, one each second, that go on for `time`.
std::optional<std::string> trouble_within(const Target&,
                                          const Tools&,
                                          std::chrono::milliseconds time);

}  // namespace oms::upgrade
