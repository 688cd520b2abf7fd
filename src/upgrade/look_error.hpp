#pragma once

#include "base/error.hpp"

#include <optional>
#include <string>

namespace oms::upgrade {

/// A look that failed: what it was at, and whether it may go away by itself.
struct LookError {
    std::string what;
    bool transient = false;
};

/// Runs `look` and says what failed, if it did.
template <class Look>
std::optional<LookError> failure_of(const Look& look) {
    try {
        look();
        return std::nullopt;
    } catch (const Transient& error) {
        return LookError{error.what(), true};
    } catch (const Terminal& error) {
        return LookError{error.what(), false};
    }
}

}  // namespace oms::upgrade
