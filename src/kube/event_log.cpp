#include "kube/event_log.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace oms::kube {
namespace {

constexpr std::chrono::minutes kSame{10};
constexpr std::size_t kSimilarMax = 10;
constexpr std::string_view kCombined = "(combined from similar events): ";
constexpr double kBurst = 25;
constexpr double kTokensPerSecond = 1.0 / 300;

Event without_note(Event event) {
    event.note.clear();
    return event;
}

/// What makes two events the same: of combined ones not the note, which is that of the latest.
Event identity_of(const Event& event) {
    return event.note.starts_with(kCombined) ? without_note(event) : event;
}

}  // namespace

template <class Key, class Value>
Value* EventLog::Recent<Key, Value>::find(const Key& key) {
    const auto found = at_.find(key);
    if (found == at_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return &found->second->second;
}

template <class Key, class Value>
Value& EventLog::Recent<Key, Value>::put(const Key& key, Value value) {
    erase(key);
    if (order_.size() >= kRemembered) erase(Key(order_.back().first));
    order_.emplace_front(key, std::move(value));
    at_[key] = order_.begin();
    return order_.front().second;
}

template <class Key, class Value>
void EventLog::Recent<Key, Value>::erase(const Key& key) {
    const auto found = at_.find(key);
    if (found == at_.end()) return;
    order_.erase(found->second);
    at_.erase(found);
}

Event EventLog::gather(Event event, Instant now) {
    const Event kind = without_note(event);
    Similar* similar = similar_.find(kind);
    if (similar == nullptr || now - similar->last >= kSame) similar = &similar_.put(kind, {});
    similar->last = now;
    if (similar->notes.contains(event.note)) return event;
    if (similar->notes.size() + 1 < kSimilarMax) {
        similar->notes.insert(event.note);
    } else {
        event.note.insert(0, kCombined);
    }
    return event;
}

EventLog::Decision EventLog::decide(const Event& said, Instant now) {
    const Event event = identity_of(said);
    Series* series = series_.find(event);
    if (series != nullptr && now - series->last >= kSame) {
        series_.erase(event);
        series = nullptr;
    }
    if (series != nullptr) {
        ++series->count;
        series->last = now;
    }
    if (!take_token(event.about_uid, now)) return Drop{};
    if (series != nullptr) return Repeat{series->name, series->count};
    return Create{};
}

void EventLog::on_created(const Event& event, const std::string& name, Instant now) {
    series_.put(identity_of(event), {.name = name, .count = 1, .last = now});
}

void EventLog::forget(const Event& event) {
    series_.erase(identity_of(event));
}

bool EventLog::take_token(const std::string& uid, Instant now) {
    Bucket* bucket = buckets_.find(uid);
    if (bucket == nullptr) bucket = &buckets_.put(uid, {.tokens = kBurst, .filled = now});
    const double seconds = std::chrono::duration<double>(now - bucket->filled).count();
    bucket->tokens = std::min(kBurst, bucket->tokens + seconds * kTokensPerSecond);
    bucket->filled = now;
    if (bucket->tokens < 1) return false;
    bucket->tokens -= 1;
    return true;
}

}  // namespace oms::kube
