#pragma once

#include "base/error.hpp"

#include <chrono>
#include <string>

namespace oms::kube {

/// 409: somebody else wrote the object first. Read it again, decide again.
struct Conflict : Transient {
    using Transient::Transient;
};

/// 409 to a create: an object of that name is there.
struct AlreadyExists : Conflict {
    using Conflict::Conflict;
};

/// 410: the history asked for (a resourceVersion, a continue token) is not kept any more. List
/// anew.
struct Gone : Transient {
    using Transient::Transient;
};

/// 429, or 503 with Retry-After: the server says when to come back.
struct Throttled : Transient {
    Throttled(const std::string& what, std::chrono::milliseconds wait)
        : Transient(what), retry_after(wait) {}

    std::chrono::milliseconds retry_after;
};

}  // namespace oms::kube
