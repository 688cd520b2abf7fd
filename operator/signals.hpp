#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

namespace oms::app {

/// Turns the first SIGINT, SIGTERM or SIGHUP into a request to stop; a second one ends the process
/// at once, which is safe at any point. To be made before any other thread.
class Signals {
public:
    Signals();
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    std::stop_token token() const { return stop_.get_token(); }

    /// The signal that asked to stop; 0: none did.
    int caught() const { return caught_; }

    /// As if a signal had come, for a reason of our own.
    void stop() { stop_.request_stop(); }

private:
    std::stop_source stop_;
    std::atomic<int> caught_ = 0;
    std::thread thread_;
};

}  // namespace oms::app
