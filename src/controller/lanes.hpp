#pragma once

#include "controller/arrivals.hpp"
#include "controller/reconciler.hpp"
#include "controller/work_queue.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <thread>

namespace oms::controller {

struct LaneSizes {
    std::size_t glances = 4;     // threads of the fast lane
    std::size_t stretches = 64;  // upgrades whose steps are taken at the same time
};

/// How a look at a key ended, in controller-runtime's words.
enum class LookEnd { Success, Error, Requeue, RequeueAfter };

struct LaneListener {
    QueueListener queue;
    std::function<void(LookEnd)> looked = [](LookEnd) {};  // must not throw
};

struct LaneListeners {
    LaneListener glances;
    LaneListener stretches;
};

/// The threads of the cluster home, in two lanes.
///
/// The fast lane glances: it reads a resource that changed, begins its run, writes its first
/// status, and never reaches a Docker host or MetaDB. The slow lane takes the steps, with a thread
/// for each upgrade at work and none for any other. So a dump of three hours, or a host that does
/// not answer, delays no other resource.
class Lanes {
public:
    explicit Lanes(Reconciler&, LaneSizes = {}, LaneListeners = {});

    /// Stops and waits, however long it takes.
    ~Lanes();
    Lanes(const Lanes&) = delete;
    Lanes& operator=(const Lanes&) = delete;

    /// The resource has changed, or may have. `object`: see Inbox::Outlets.
    void changed(const api::Key&, std::string_view object = {});

    /// Interrupts every push and takes no more keys. Returns at once.
    void stop();

    /// After stop(): waits until every thread is at a safe point. False: it took longer.
    bool wait(std::chrono::milliseconds);

    /// Keys that wait for a thread, and upgrades at work: for logs and tests.
    std::size_t waiting() const { return glances_.waiting() + stretches_.waiting(); }
    QueueStanding glances() const { return glances_.standing(); }
    QueueStanding stretches() const { return stretches_.standing(); }

private:
    struct Worker {
        std::thread thread;
        bool ended = false;
    };

    void glance_forever();
    void glance(const api::Key&);
    void dispatch_forever();
    void start_stretch(const api::Key&);
    void collect_ended(std::list<Worker>&);
    void stretch(const api::Key&);
    LookEnd end_stretch(const api::Key&, const Stretch&);
    void thread_ended();

    Reconciler& reconciler_;
    LaneSizes sizes_;
    const std::function<void(LookEnd)> on_glance_;
    const std::function<void(LookEnd)> on_stretch_;
    Arrivals arrivals_;
    WorkQueue glances_;
    WorkQueue stretches_;
    std::stop_source stop_;

    std::mutex mutex_;
    std::condition_variable ended_;
    std::size_t running_ = 0;    // threads of every kind that have not ended
    std::size_t at_work_ = 0;    // those of the slow lane among them
    std::list<Worker> workers_;  // of the slow lane; those that ended are joined by the dispatcher
    std::list<std::thread> fixed_;
};

}  // namespace oms::controller
