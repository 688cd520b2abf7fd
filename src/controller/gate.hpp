#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace oms::controller {

/// Lets so many through at once; the others sleep. (A std::counting_semaphore of libstdc++ 12 calls
/// sched_yield many times before it sleeps: with sixty threads at it, a fifth of all our time.)
class Gate {
public:
    explicit Gate(std::size_t at_once) : free_(at_once) {}

    /// Stays open for one, as long as this is there.
    class Pass {
    public:
        explicit Pass(Gate& gate) : gate_(gate) { gate_.enter(); }
        ~Pass() { gate_.leave(); }
        Pass(const Pass&) = delete;
        Pass& operator=(const Pass&) = delete;

    private:
        Gate& gate_;
    };

private:
    void enter() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return free_ > 0; });
        --free_;
    }
    void leave() {
        const std::lock_guard guard(mutex_);
        ++free_;
        changed_.notify_one();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t free_;
};

}  // namespace oms::controller
