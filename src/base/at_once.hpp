#pragma once

#include <functional>
#include <vector>

namespace oms {

/// Runs all jobs at the same time, waits for every one of them, and then throws what the first that
/// failed threw. A single job runs in place.
void at_once(const std::vector<std::function<void()>>& jobs);

}  // namespace oms
