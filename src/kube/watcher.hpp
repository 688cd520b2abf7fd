#pragma once

#include "kube/client.hpp"
#include "kube/timing.hpp"
#include "kube/watch_state.hpp"

#include <stop_token>
#include <string>
#include <thread>

namespace oms::kube {

/// Keeps a handler told about one collection, by list and watch, until it is stopped; whatever
/// happens to the API server or the way to it, no change is lost but those that were undone
/// meanwhile. The rules are WatchState's.
class Reflector {
public:
    /// `collection`: upgrades_path(). Handler and client must live longer.
    Reflector(Client& client,
              std::string collection,
              WatchHandler& handler,
              Timing timing = real_timing());

    /// Begins, on a thread of its own, which ends with this object.
    void start();

    /// Works on this thread until asked to stop. Not while started.
    void run(const std::stop_token& stop);

private:
    void step(const std::stop_token& stop);
    void perform(const WatchState::List&, const std::stop_token& stop);
    void perform(const WatchState::Watch&, const std::stop_token& stop);

    Client& client_;
    const std::string collection_;
    const Timing timing_;
    WatchState state_;
    std::jthread thread_;
};

}  // namespace oms::kube
