#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace oms {

/// Exponential backoff with full jitter above half: attempt n waits between half
/// and the whole of min(first * 2^n, longest), so that many who failed together
/// do not come back together.
class Backoff {
public:
    using Duration = std::chrono::milliseconds;

    Backoff(Duration first, Duration longest) : first_(first), longest_(longest) {}

    Duration next() {
        const Duration whole =
            std::min(first_ * (Duration::rep{1} << std::min(attempt_, 30)), longest_);
        ++attempt_;
        std::uniform_int_distribution<Duration::rep> part(whole.count() / 2, whole.count());
        return Duration{part(random_)};
    }

    void reset() { attempt_ = 0; }
    int attempts() const { return attempt_; }

private:
    Duration first_;
    Duration longest_;
    int attempt_ = 0;
    std::minstd_rand random_{std::random_device{}()};
};

}  // namespace oms
