#pragma once

#include <stdexcept>

namespace oms {

/// A call that went wrong. Everything a caller should *expect* (not found, still
/// starting) is a value instead, so a `catch` always means trouble.
///
/// what() says what was tried, on what, what came back, and what the reader can
/// do. It never holds a secret: it ends up in status, events and logs.
struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// It may go away by itself: a refused connection, a 503, a conflict.
struct Transient : Failure {
    using Failure::Failure;
};

/// It will not go away until a person changes something: a 403, a bad spec.
struct Terminal : Failure {
    using Failure::Failure;
};

/// The caller asked to stop (its stop_token), and the call did. Not a Failure:
/// nothing is wrong, and nobody may count or report it as such.
struct Stopped : std::exception {
    const char* what() const noexcept override { return "stopped on request"; }
};

}  // namespace oms
