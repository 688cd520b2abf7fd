#include "controller/work_queue.hpp"

#include <algorithm>

namespace oms::controller {

void WorkQueue::add(const api::Key& key) {
    const std::lock_guard guard(mutex_);
    add_locked(key);
    changed_.notify_one();
}

void WorkQueue::add_locked(const api::Key& key) {
    if (const auto due = due_.find(key); due != due_.end()) {
        const auto [begin, end] = later_.equal_range(due->second);
        const auto at =
            std::find_if(begin, end, [&](const auto& one) { return one.second == key; });
        later_.erase(at);
        due_.erase(due);
    }
    if (!queued_.try_emplace(key, now_()).second) return;
    listener_.added();
    if (!at_work_.contains(key)) ready_.push_back(key);
}

void WorkQueue::add_after(const api::Key& key, Duration wait) {
    const std::lock_guard guard(mutex_);
    const auto when = now_() + wait;
    if (queued_.contains(key)) return;
    if (const auto due = due_.find(key); due != due_.end()) {
        if (due->second <= when) return;
        const auto [begin, end] = later_.equal_range(due->second);
        later_.erase(std::find_if(begin, end, [&](const auto& one) { return one.second == key; }));
    }
    due_[key] = when;
    later_.emplace(when, key);
    changed_.notify_one();
}

void WorkQueue::retry(const api::Key& key, Waits waits) {
    int failures = 0;
    {
        const std::lock_guard guard(mutex_);
        failures = failures_[key]++;
        listener_.retried();
    }
    constexpr int kDoublingsMax = 20;
    const auto factor = 1U << static_cast<unsigned>(std::min(failures, kDoublingsMax));
    add_after(key, std::min(waits.first * factor, waits.longest));
}

void WorkQueue::forget(const api::Key& key) {
    const std::lock_guard guard(mutex_);
    failures_.erase(key);
}

void WorkQueue::promote_due() {
    const auto now = now_();
    while (!later_.empty() && later_.begin()->first <= now) {
        const api::Key key = later_.begin()->second;
        add_locked(key);
    }
}

std::optional<api::Key> WorkQueue::take_due() {
    promote_due();
    if (ready_.empty()) return std::nullopt;
    api::Key key = std::move(ready_.front());
    ready_.pop_front();
    const auto now = now_();
    const auto queued = queued_.find(key);
    listener_.taken(now - queued->second);
    queued_.erase(queued);
    at_work_[key] = now;
    return key;
}

std::optional<api::Key> WorkQueue::take() {
    std::unique_lock lock(mutex_);
    while (!shut_) {
        if (auto key = take_due()) {
            // One thread may have been woken for several keys that fell due together.
            if (!ready_.empty()) changed_.notify_one();
            return key;
        }
        if (later_.empty()) {
            changed_.wait(lock);
        } else {
            // A copy: the entry may be taken by another worker while this one waits.
            const auto due = later_.begin()->first;
            changed_.wait_until(lock, due);
        }
    }
    return std::nullopt;
}

std::optional<api::Key> WorkQueue::try_take() {
    const std::lock_guard guard(mutex_);
    return shut_ ? std::nullopt : take_due();
}

void WorkQueue::done(const api::Key& key) {
    const std::lock_guard guard(mutex_);
    if (const auto mine = at_work_.find(key); mine != at_work_.end()) {
        listener_.done(now_() - mine->second);
        at_work_.erase(mine);
    }
    if (ready_.empty() && at_work_.empty()) lull_.notify_all();
    if (!queued_.contains(key)) return;
    ready_.push_back(key);
    changed_.notify_one();
}

void WorkQueue::wait_for_lull(Duration longest) {
    std::unique_lock lock(mutex_);
    lull_.wait_for(lock, longest, [this] { return shut_ || (ready_.empty() && at_work_.empty()); });
}

void WorkQueue::shut_down() {
    const std::lock_guard guard(mutex_);
    shut_ = true;
    lull_.notify_all();
    changed_.notify_all();
}

std::size_t WorkQueue::waiting() const {
    const std::lock_guard guard(mutex_);
    return ready_.size() + later_.size();
}

QueueStanding WorkQueue::standing() const {
    const std::lock_guard guard(mutex_);
    QueueStanding found{.depth = queued_.size(), .at_work = at_work_.size()};
    const auto now = now_();
    for (const auto& [key, since] : at_work_) {
        found.unfinished += now - since;
        found.longest = std::max(found.longest, now - since);
    }
    return found;
}

}  // namespace oms::controller
