#pragma once

#include "upgrade/runner.hpp"
#include "upgrade/tools.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

namespace oms::controller {

/// One stretch of steps under way, as other threads reach it: to interrupt its push, to wake it.
class Turn {
public:
    /// `process_stop` interrupts whatever it is at, for good.
    explicit Turn(std::stop_token process_stop);
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    /// The token of the next step. To be asked for before the resource is read for it: an
    /// interruption that comes earlier is then seen in what is read, a later one in the token.
    std::stop_token begin_step();

    /// From any thread: the resource has changed; `interrupt` when the push must end for it.
    void look_again(bool interrupt);

    /// Returns after the time, or as soon as there is something to look at.
    void wait(std::chrono::milliseconds);

    bool is_stopped() const { return process_stop_.stop_requested(); }

    // Of the thread that takes the steps alone.
    std::unique_ptr<upgrade::Outside> outside;
    std::string outside_of;  // the run it was opened for
    std::optional<upgrade::PushError> error;

private:
    struct Interrupt {
        Turn& turn;
        void operator()() const { turn.look_again(true); }
    };

    std::stop_token process_stop_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::stop_source step_;
    bool look_ = false;
    std::stop_callback<Interrupt> on_process_stop_;  // last: it may call while it is made
};

}  // namespace oms::controller
