#pragma once

#include "base/clock.hpp"
#include "kube/client.hpp"
#include "kube/event_log.hpp"
#include "kube/timing.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace oms::kube {

/// Writes Kubernetes Events (events.k8s.io/v1) from a thread of its own: neither a slow API server
/// nor one that refuses them ever holds up or fails an upgrade; it is logged instead. What is still
/// waiting when this object ends is written as long as the API server answers.
class EventRecorder {
public:
    /// `instance`: who we are among our replicas, the pod's name.
    EventRecorder(Client& client,
                  std::string instance,
                  Timing timing = real_timing(),
                  Now wall = Clock::now);
    ~EventRecorder();
    EventRecorder(const EventRecorder&) = delete;
    EventRecorder& operator=(const EventRecorder&) = delete;

    /// Never blocks and never throws for what the API server does. Any thread.
    void record(Event);

    /// Returns when everything recorded so far has been written or given up.
    void flush();

private:
    struct Waiting {
        Event event;
        Time at;
    };

    void work(const std::stop_token& stop);
    bool write(const Waiting&);
    void create(const Waiting&);
    void repeat(const Waiting&, const EventLog::Repeat&);

    Client& client_;
    const std::string instance_;
    const Timing timing_;
    const Now wall_;
    EventLog log_;  // of the thread only

    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<Waiting> waiting_;
    Time last_{};  // when the latest of them was recorded
    bool writing_ = false;
    std::jthread thread_;
};

}  // namespace oms::kube
