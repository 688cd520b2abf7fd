#include "kube/events.hpp"

#include "base/error.hpp"
#include "base/log.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace oms::kube {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kWaitingMax = 1000;
constexpr std::size_t kNoteBytesMax = 1024;  // what events.k8s.io/v1 accepts
constexpr std::chrono::seconds kTimeout{5};
constexpr const char* kController = "oms.oceanbase.com/oms-operator";

std::string events_of(const std::string& space) {
    return "/apis/events.k8s.io/v1/namespaces/" + http::encode(space) + "/events";
}

/// As client-go names its events: after the object, and then the time. Names may have 253 bytes.
std::string name_of(const Event& event, Time at) {
    char time[17] = {};
    const auto end =
        std::to_chars(std::begin(time), std::end(time), at.time_since_epoch().count(), 16);
    std::string name = event.about.name.substr(0, 230);
    while (!name.empty() && (name.back() == '.' || name.back() == '-')) name.pop_back();
    return name + "." + std::string(std::begin(time), end.ptr);
}

/// Cut at the beginning of a character, not inside one.
std::string shortened(std::string text) {
    if (text.size() <= kNoteBytesMax) return text;
    std::size_t end = kNoteBytesMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text.resize(end);
    return text;
}

}  // namespace

EventRecorder::EventRecorder(Client& client, std::string instance, Timing timing, Now wall)
    : client_(client),
      instance_(std::move(instance)),
      timing_(std::move(timing)),
      wall_(std::move(wall)),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

EventRecorder::~EventRecorder() {
    thread_.request_stop();
    thread_.join();
}

void EventRecorder::record(Event event) {
    {
        const std::lock_guard lock(mutex_);
        // No two at one time: it makes their names.
        last_ = std::max(wall_(), last_ + Time::duration(1));
        if (waiting_.size() < kWaitingMax) {
            waiting_.push_back({std::move(event), last_});
            changed_.notify_all();
            return;
        }
    }
    log::warn("too many events are waiting for the API server; one is dropped",
              {{"upgrade", event.about.space + "/" + event.about.name}, {"reason", event.reason}});
}

void EventRecorder::flush() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_.empty() && !writing_; });
}

void EventRecorder::work(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, stop, [this] { return !waiting_.empty(); });
        if (waiting_.empty()) return;  // only when stopped
        Waiting next = std::move(waiting_.front());
        waiting_.pop_front();
        writing_ = true;
        lock.unlock();
        next.event = log_.gather(std::move(next.event), timing_.now());
        const bool written = write(next);
        lock.lock();
        writing_ = false;
        if (stop.stop_requested() && !written) waiting_.clear();
        changed_.notify_all();
    }
}

bool EventRecorder::write(const Waiting& waiting) {
    try {
        const auto decision = log_.decide(waiting.event, timing_.now());
        if (std::holds_alternative<EventLog::Create>(decision)) create(waiting);
        if (const auto* again = std::get_if<EventLog::Repeat>(&decision)) repeat(waiting, *again);
        return true;
    } catch (const Failure& failure) {
        log::warn("cannot write an event", {{"error", failure.what()}});
        return false;
    }
}

void EventRecorder::create(const Waiting& waiting) {
    const auto& event = waiting.event;
    const std::string kind(api::kKind);
    const std::string name = name_of(event, waiting.at);
    const Json body{{"apiVersion", "events.k8s.io/v1"},
                    {"kind", "Event"},
                    {"metadata", {{"name", name}, {"namespace", event.about.space}}},
                    {"eventTime", to_rfc3339(waiting.at)},
                    {"reportingController", kController},
                    {"reportingInstance", instance_.substr(0, 128)},
                    {"action", event.action},
                    {"reason", event.reason},
                    {"regarding",
                     {{"apiVersion", std::string(api::kGroup) + "/" + std::string(api::kVersion)},
                      {"kind", kind},
                      {"namespace", event.about.space},
                      {"name", event.about.name},
                      {"uid", event.about_uid}}},
                    {"note", shortened(event.note)},
                    {"type", event.type == EventType::Normal ? "Normal" : "Warning"}};
    client_.create(events_of(event.about.space), body, {.timeout = kTimeout});
    log_.on_created(event, name, timing_.now());
}

void EventRecorder::repeat(const Waiting& waiting, const EventLog::Repeat& again) {
    const Json patch{
        {"series", {{"count", again.count}, {"lastObservedTime", to_rfc3339(waiting.at)}}}};
    const auto path = events_of(waiting.event.about.space) + "/" + http::encode(again.name);
    if (client_.patch(path, Patch::Merge, patch, {.timeout = kTimeout})) return;
    log_.forget(waiting.event);
    create(waiting);
}

}  // namespace oms::kube
