#include "controller/lanes.hpp"

#include "base/log.hpp"
#include "kube/upgrades.hpp"

#include <algorithm>
#include <exception>
#include <functional>
#include <iterator>

namespace oms::controller {
namespace {

using namespace std::chrono_literals;

/// What only a person can change is looked at again all the same: he will not tell us.
constexpr WorkQueue::Waits kAfterTerminal{.first = 5000ms};

/// Often enough for a phase's deadline to be seen soon after it is over.
constexpr auto kLongestLookAgain = 15'000ms;

/// While nothing has been done to an OMS nobody waits for it, and thousands may be in that state:
/// their hosts wrongly named, or gone. All of them together are looked at less than twenty times a
/// second, unless each of them would be left alone for more than two minutes then.
constexpr auto kLookApart = 60ms;
constexpr auto kLongestLookAgainUntouched = 120'000ms;

/// How long the start of a stretch waits for first statuses to be written before it.
constexpr auto kLongestDeference = 250ms;

/// What began together is spread by and by: each key has its own ceiling, at most an eighth lower.
std::chrono::milliseconds spread(std::chrono::milliseconds ceiling, const api::Key& key) {
    constexpr std::size_t kParts = 1024;
    const auto part = std::hash<std::string>{}(key.space + "/" + key.name) % kParts;
    return ceiling - ceiling / 8 * static_cast<int>(part) / static_cast<int>(kParts);
}

std::chrono::milliseconds longest_look_again(const Stretch& end,
                                             const api::Key& key,
                                             std::size_t waiting) {
    if (!end.untouched) return kLongestLookAgain;
    const auto apart = kLookApart * static_cast<int>(std::min<std::size_t>(waiting, 1U << 20U));
    return spread(std::clamp(apart, kLongestLookAgain, kLongestLookAgainUntouched), key);
}

void log_trouble(const char* doing, const api::Key& key, const std::exception& error) {
    log::warn(doing, {{"upgrade", key.space + "/" + key.name}, {"error", error.what()}});
}

}  // namespace

Lanes::Lanes(Reconciler& reconciler, LaneSizes sizes, LaneListeners listeners)
    : reconciler_(reconciler),
      sizes_(sizes),
      on_glance_(std::move(listeners.glances.looked)),
      on_stretch_(std::move(listeners.stretches.looked)),
      glances_(&WorkQueue::Steady::now, std::move(listeners.glances.queue)),
      stretches_(&WorkQueue::Steady::now, std::move(listeners.stretches.queue)) {
    running_ = sizes_.glances + 1;
    for (std::size_t i = 0; i < sizes_.glances; ++i)
        fixed_.emplace_back([this] { glance_forever(); });
    fixed_.emplace_back([this] { dispatch_forever(); });
}

Lanes::~Lanes() {
    stop();
    for (auto& thread : fixed_) thread.join();
    for (auto& worker : workers_) worker.thread.join();
}

void Lanes::changed(const api::Key& key, std::string_view object) {
    arrivals_.put(key, object);
    glances_.add(key);
}

void Lanes::stop() {
    stop_.request_stop();
    glances_.shut_down();
    stretches_.shut_down();
    const std::lock_guard guard(mutex_);
    ended_.notify_all();
}

bool Lanes::wait(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return ended_.wait_for(lock, time, [&] { return running_ == 0; });
}

void Lanes::thread_ended() {
    const std::lock_guard guard(mutex_);
    --running_;
    ended_.notify_all();
}

void Lanes::glance_forever() {
    while (const auto key = glances_.take()) {
        glance(*key);
        glances_.done(*key);
    }
    thread_ended();
}

void Lanes::glance(const api::Key& key) {
    try {
        std::optional<api::OmsUpgrade> told;
        if (const auto object = arrivals_.take(key)) told = kube::read_upgrade(*object);
        if (reconciler_.glance(key, std::move(told)) == Next::Step) stretches_.add(key);
        glances_.forget(key);
        on_glance_(LookEnd::Success);
    } catch (const Terminal& error) {
        on_glance_(LookEnd::Error);
        log_trouble("cannot take an upgrade in", key, error);
        glances_.retry(key, kAfterTerminal);
    } catch (const std::exception& error) {
        on_glance_(LookEnd::Error);
        log_trouble("could not take an upgrade in, will try again", key, error);
        glances_.retry(key);
    }
}

void Lanes::dispatch_forever() {
    while (const auto key = stretches_.take()) {
        glances_.wait_for_lull(kLongestDeference);
        start_stretch(*key);
    }
    thread_ended();
}

void Lanes::start_stretch(const api::Key& key) {
    std::list<Worker> ended;
    {
        std::unique_lock lock(mutex_);
        ended_.wait(lock, [&] { return stop_.stop_requested() || at_work_ < sizes_.stretches; });
        collect_ended(ended);
        if (!stop_.stop_requested()) {
            ++running_;
            ++at_work_;
            Worker& mine = workers_.emplace_back();
            mine.thread = std::thread([this, key, &mine] {
                stretch(key);
                stretches_.done(key);
                const std::lock_guard guard(mutex_);
                mine.ended = true;
                --running_;
                --at_work_;
                ended_.notify_all();
            });
        }
    }
    for (auto& worker : ended) worker.thread.join();
}

void Lanes::collect_ended(std::list<Worker>& ended) {
    for (auto worker = workers_.begin(); worker != workers_.end();) {
        const auto next = std::next(worker);
        if (worker->ended) ended.splice(ended.end(), workers_, worker);
        worker = next;
    }
}

LookEnd Lanes::end_stretch(const api::Key& key, const Stretch& end) {
    if (end.recorded || !end.again) stretches_.forget(key);
    if (!end.again) return LookEnd::Success;
    if (end.recorded) {
        stretches_.add_after(key, *end.again);
        return LookEnd::RequeueAfter;
    }
    // A world that does not change is looked at ever more seldom.
    const auto longest = longest_look_again(end, key, stretches_.waiting());
    stretches_.retry(key, {.first = *end.again, .longest = longest});
    return LookEnd::Requeue;
}

void Lanes::stretch(const api::Key& key) {
    try {
        on_stretch_(end_stretch(key, reconciler_.stretch(key, stop_.get_token())));
    } catch (const Terminal& error) {
        on_stretch_(LookEnd::Error);
        log_trouble("cannot go on with an upgrade", key, error);
        stretches_.retry(key, kAfterTerminal);
    } catch (const std::exception& error) {
        on_stretch_(LookEnd::Error);
        log_trouble("could not go on with an upgrade, will try again", key, error);
        stretches_.retry(key);
    }
}

}  // namespace oms::controller
