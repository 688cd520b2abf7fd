#include "controller/turn.hpp"

#include <utility>

namespace oms::controller {

Turn::Turn(std::stop_token process_stop)
    : process_stop_(std::move(process_stop)), on_process_stop_(process_stop_, Interrupt{*this}) {}

std::stop_token Turn::begin_step() {
    const std::lock_guard guard(mutex_);
    look_ = false;
    if (step_.stop_requested() && !is_stopped()) step_ = std::stop_source{};
    return step_.get_token();
}

void Turn::look_again(bool interrupt) {
    const std::stop_source step = [this] {
        const std::lock_guard guard(mutex_);
        look_ = true;
        changed_.notify_all();
        return step_;
    }();
    // Outside of the lock: whoever waits for the token is called from here.
    if (interrupt) step.request_stop();
}

void Turn::wait(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, time, [&] { return look_; });
}

}  // namespace oms::controller
