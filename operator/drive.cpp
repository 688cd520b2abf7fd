#include "drive.hpp"

#include "api/names.hpp"
#include "base/error.hpp"
#include "controller/reconciler.hpp"
#include "controller/workshop.hpp"
#include "exit_codes.hpp"
#include "upgrade/plan.hpp"

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

namespace oms::app {
namespace {

using namespace std::chrono_literals;

/// How soon a wish of another process (`oms-operator rollback`) is taken up.
constexpr auto kLookForWishes = 200ms;

/// Sees wishes come in and tells the reconciler, which may have to interrupt a push for one.
class WishWatcher {
public:
    WishWatcher(controller::DirectoryStore& store,
                controller::Reconciler& reconciler,
                api::Key key,
                std::stop_token stop)
        : store_(store), reconciler_(reconciler), key_(std::move(key)), stop_(std::move(stop)) {
        seen_ = store_.wishes(key_);
        thread_ = std::jthread([this](const std::stop_token& ended) { watch(ended); });
    }

    /// Returns after the time, when a wish came in since the last call, or when asked to stop.
    void wait(std::optional<std::chrono::milliseconds> time) {
        std::unique_lock lock(mutex_);
        const auto came_in = [&] { return came_in_; };
        if (time) {
            changed_.wait_for(lock, stop_, *time, came_in);
        } else {
            changed_.wait(lock, stop_, came_in);
        }
        came_in_ = false;
    }

private:
    void watch(const std::stop_token& ended) {
        std::unique_lock lock(mutex_);
        while (!ended.stop_requested()) {
            changed_.wait_for(lock, ended, kLookForWishes, [] { return false; });
            const std::string now = store_.wishes(key_);
            if (now == seen_) continue;
            seen_ = now;
            came_in_ = true;
            lock.unlock();
            reconciler_.glance(key_);
            lock.lock();
            changed_.notify_all();
        }
    }

    controller::DirectoryStore& store_;
    controller::Reconciler& reconciler_;
    api::Key key_;
    std::stop_token stop_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::string seen_;
    bool came_in_ = false;
    std::jthread thread_;
};

/// Does it wait for a word of a person that may come while we run: approval, or a rollback?
bool waits_for_a_wish(const api::OmsUpgrade& resource) {
    return resource.status.run && !resource.status.run->outcome && !resource.spec.paused &&
           !resource.status.run->cursor.failure &&
           resource.spec.approval == api::Approval::Required;
}

int end_of(const api::OmsUpgrade& resource, const Signals& signals, View& view) {
    const auto& run = resource.status.run;
    if (run && run->outcome) {
        view.on_end(resource, "");
        return exit_code_of(resource.status);
    }
    const std::string name = resource.key.name;
    if (signals.caught() != 0) {
        view.on_end(resource, "Interrupted. Run the same command again to go on.");
        return kSignal + signals.caught();
    }
    if (run && run->cursor.failure) {
        view.on_end(
            resource,
            "It failed and waits for you: go back with `oms-operator rollback " + name + "`.");
        return kFailed;
    }
    view.on_end(resource, "It has not ended. Run the same command again when it may go on.");
    return kWaits;
}

}  // namespace

int exit_code_of(const api::Status& status) {
    if (!status.run || !status.run->outcome) return kWaits;
    const api::Outcome outcome = *status.run->outcome;
    if (status.phase != api::to_string(outcome)) return kRefused;
    switch (outcome) {
        case api::Outcome::Succeeded:
            return kSucceeded;
        case api::Outcome::RolledBack:
            return kRolledBack;
        case api::Outcome::Refused:
            return kRefused;
        case api::Outcome::Failed:
            break;
    }
    return kFailed;
}

int drive(controller::DirectoryStore& store, const api::Key& key, View& view, Signals& signals) {
    const auto doors = controller::real_doors();
    controller::Reconciler reconciler({
        .store = store,
        .plan = upgrade::kPlan,
        .open_outside =
            [&](const api::OmsUpgrade& resource) {
                return std::make_unique<controller::Workshop>(
                    resource,
                    [&store, space = resource.key.space](const std::string& name) {
                        return store.secret(space, name);
                    },
                    doors,
                    store.backup_root());
            },
        .now = [] { return Clock::now(); },
        .on_record = [&](const api::OmsUpgrade& resource,
                         const api::Status&) { view.on_record(resource); },
        .on_progress = [&](const api::Key&,
                           const Progress& progress) { view.on_progress(progress); },
    });
    for (const auto& resource : store.list()) reconciler.note(resource);
    if (const auto resource = store.find(key)) view.on_record(*resource);
    WishWatcher wishes(store, reconciler, key, signals.token());
    while (!signals.token().stop_requested()) {
        const auto stretch = reconciler.stretch(key, signals.token());
        if (!stretch.again && !waits_for_a_wish(store.find(key).value())) break;
        wishes.wait(stretch.again);
    }
    return end_of(store.find(key).value(), signals, view);
}

}  // namespace oms::app
