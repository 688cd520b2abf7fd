#pragma once

#include "base/error.hpp"

#include <algorithm>
#include <ranges>
#include <string>

namespace oms::upgrade {

/// The row of that phase in the plan, or in a list made of it. Throws Terminal when there is none:
/// a newer operator wrote that status.
template <std::ranges::borrowed_range Rows>
auto row_of(Rows&& rows, const std::string& phase) {
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const auto& one) { return one.name == phase; });
    if (row == rows.end()) {
        throw Terminal("status names the phase " + phase +
                       ", which this operator does not know; run the operator that began this "
                       "upgrade, or a newer one");
    }
    return row;
}

}  // namespace oms::upgrade
