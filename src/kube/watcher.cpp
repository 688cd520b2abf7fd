#include "kube/watcher.hpp"

#include "base/error.hpp"
#include "base/overloaded.hpp"
#include "kube/errors.hpp"
#include "kube/lines.hpp"

#include <random>
#include <utility>

namespace oms::kube {
namespace {

/// etcd takes objects of up to 1.5 MB; escapes and managedFields included, this is ample.
constexpr std::size_t kLineBytesMax = 8U << 20U;
constexpr std::chrono::minutes kListTimeout{1};

using Kind = Trouble::Kind;

}  // namespace

Reflector::Reflector(Client& client, std::string collection, WatchHandler& handler, Timing timing)
    : client_(client),
      collection_(std::move(collection)),
      timing_(std::move(timing)),
      state_(handler, std::random_device{}()) {}

void Reflector::start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Reflector::run(const std::stop_token& stop) {
    try {
        while (!stop.stop_requested()) step(stop);
    } catch (const Stopped&) {
        // Asked to, and that is all there is to do.
    }
}

void Reflector::step(const std::stop_token& stop) {
    try {
        std::visit(Overloaded{
                       [&](const WatchState::Pause& pause) { timing_.wait(pause.length, stop); },
                       [&](const auto& task) { perform(task, stop); },
                   },
                   state_.next());
    } catch (const Gone& failure) {
        state_.on_trouble({Kind::Expired, failure.what()}, timing_.now());
    } catch (const Throttled& failure) {
        state_.on_trouble({Kind::Throttled, failure.what(), failure.retry_after}, timing_.now());
    } catch (const Transient& failure) {
        state_.on_trouble({Kind::Passing, failure.what()}, timing_.now());
    } catch (const Terminal& failure) {
        state_.on_trouble({Kind::Refused, failure.what()}, timing_.now());
    }
}

void Reflector::perform(const WatchState::List& page, const std::stop_token& stop) {
    state_.on_page(client_.list_page(
        collection_, page.continue_token, {.stop = stop, .timeout = kListTimeout}));
}

void Reflector::perform(const WatchState::Watch& watch, const std::stop_token& stop) {
    const Instant begun = timing_.now();
    Lines lines(kLineBytesMax);
    bool wanted = true;
    const auto on_line = [&](std::string_view line) { return state_.on_line(line); };
    const auto on_bytes = [&](std::string_view bytes) {
        wanted = lines.feed(bytes, on_line);
        return wanted;
    };
    client_.watch(collection_, watch.resource_version, watch.length, on_bytes, stop);
    // A last event without a newline is whole; if it was cut off, the next watch brings it again.
    if (const auto rest = lines.take_rest(); wanted && rest.ends_with('}')) state_.on_line(rest);
    state_.on_watch_end(begun, timing_.now());
}

}  // namespace oms::kube
