#pragma once

#include "api/oms_upgrade.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

namespace oms::controller {

/// Told what happens to the keys of a queue. Called under its lock: must not call it, nor throw.
struct QueueListener {
    using Duration = std::chrono::steady_clock::duration;

    std::function<void()> added = [] {};  // one that stood in it already does not count
    std::function<void()> retried = [] {};
    std::function<void(Duration waited)> taken = [](Duration) {};
    std::function<void(Duration worked)> done = [](Duration) {};
};

/// How a queue stands at a moment.
struct QueueStanding {
    std::size_t depth = 0;                             // keys that are due
    std::size_t at_work = 0;                           // keys that a worker has
    std::chrono::steady_clock::duration unfinished{};  // of all of them, since they were taken
    std::chrono::steady_clock::duration longest{};     // of the one that was taken first
};

/// Keys that somebody has to look at. A key stands in it once, however often it is added; it is
/// handed to one worker at a time; added while one has it, it comes again when that one is done.
/// First come, first served. Safe to use from several threads.
class WorkQueue {
public:
    using Steady = std::chrono::steady_clock;
    using Duration = std::chrono::milliseconds;

    static constexpr Duration kFirstRetry{5};
    static constexpr Duration kLongestRetry{60'000};

    explicit WorkQueue(std::function<Steady::time_point()> now = &Steady::now,
                       QueueListener listener = {})
        : now_(std::move(now)), listener_(std::move(listener)) {}

    void add(const api::Key&);

    /// Adds it after a while. Of several such wishes the earliest counts, and an add() before
    /// that makes it void.
    void add_after(const api::Key&, Duration);

    /// How long a key waits that goes wrong, or finds nothing new, again and again: doubled from
    /// the first to the longest, until forget().
    struct Waits {
        Duration first = kFirstRetry;
        Duration longest = kLongestRetry;
    };
    void retry(const api::Key& key) { retry(key, Waits{}); }
    void retry(const api::Key&, Waits);
    void forget(const api::Key&);

    /// Waits for a key that is due. Empty: the queue was shut down.
    std::optional<api::Key> take();

    /// The same without waiting; empty: none is due.
    std::optional<api::Key> try_take();

    /// The worker is done with the key.
    void done(const api::Key&);

    /// Returns when no key is due and none is at work, or when the time is over.
    void wait_for_lull(Duration);

    void shut_down();

    std::size_t waiting() const;

    QueueStanding standing() const;

private:
    void add_locked(const api::Key&);
    void promote_due();
    std::optional<api::Key> take_due();

    std::function<Steady::time_point()> now_;
    const QueueListener listener_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::condition_variable lull_;
    std::deque<api::Key> ready_;
    // Since when: those in ready_, and those to come again when done.
    std::map<api::Key, Steady::time_point> queued_;
    std::map<api::Key, Steady::time_point> at_work_;  // since when
    std::multimap<Steady::time_point, api::Key> later_;
    std::map<api::Key, Steady::time_point> due_;  // where in later_
    std::map<api::Key, int> failures_;
    bool shut_ = false;
};

}  // namespace oms::controller
