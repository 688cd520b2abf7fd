#include "kube/timing.hpp"

#include "base/error.hpp"

#include <condition_variable>
#include <mutex>

namespace oms::kube {

Timing real_timing() {
    return {
        .now = [] { return std::chrono::steady_clock::now(); },
        .wait =
            [](std::chrono::milliseconds length, const std::stop_token& stop) {
                std::mutex mutex;
                std::condition_variable_any never;
                std::unique_lock lock(mutex);
                never.wait_for(lock, stop, length, [] { return false; });
                if (stop.stop_requested()) throw Stopped{};
            },
    };
}

}  // namespace oms::kube
