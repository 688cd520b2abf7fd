#include "cluster.hpp"

#include "base/error.hpp"
#include "controller/cluster_store.hpp"
#include "controller/inbox.hpp"
#include "controller/lanes.hpp"
#include "controller/workshop.hpp"
#include "events.hpp"
#include "exit_codes.hpp"
#include "http/health_server.hpp"
#include "identity.hpp"
#include "kube/connection.hpp"
#include "kube/events.hpp"
#include "kube/lease.hpp"
#include "kube/upgrades.hpp"
#include "kube/watcher.hpp"
#include "log_level_file.hpp"
#include "metrics/metrics.hpp"
#include "upgrade/plan.hpp"
#include "version.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <list>
#include <malloc.h>
#include <memory>
#include <mutex>
#include <unistd.h>

namespace oms::app {
namespace {

using namespace std::chrono_literals;

/// How long pushes may take to reach a safe point after SIGTERM. Every point is one that can be
/// gone on from; this is for the log lines and the half-written file names it spares.
constexpr auto kLongestStop = 8s;

constexpr auto kTidyEvery = 30s;

constexpr auto kFoundlingsAgain = 5s;

constexpr std::string_view kNone = "none";  // in place of an address

/// The whole operator, from its connection to its threads.
class Operator {
public:
    Operator(const Options& options, Signals& signals)
        : options_(options),
          signals_(signals),
          connection_(kube::find_connection(
              {.kubeconfig = options.kubeconfig, .context = options.context})),
          metrics_({.version = kVersion,
                    .commit = kCommit,
                    .api_host = connection_.origin.substr(connection_.origin.find("//") + 2),
                    .lanes = options.lanes,
                    .elects = options.leader_elect}),
          client_(kube::connect(connection_,
                                std::string("oms-operator/") + kVersion,
                                kube::real_timing(),
                                metrics_.on_api_answer())),
          inbox_(outlets(), std::max<std::size_t>(1, options.watched.size())),
          leadership_(*client_,
                      {.key = {options.lease_space, options.lease_name},
                       .identity = identity(),
                       .times = options.election}),
          permit_(options.leader_elect ? Permit([this] { return may_act(); }) : Permit()),
          store_(*client_, signals.token(), &inbox_, permit_),
          events_(*client_, host_name()),
          reconciler_(means()),
          lanes_(reconciler_, options.lanes, metrics_.lane_listeners()) {}

    int run() {
        log::info("oms-operator begins",
                  {{"version", kVersion}, {"commit", kCommit}, {"api", connection_.source}});
        try {
            return lead();
        } catch (const Stopped&) {
            return kSucceeded;  // it was asked to, while another one led
        }
    }

private:
    int lead() {
        const auto health = serve_health();
        const auto metrics = serve_metrics();
        const auto stop = signals_.token();
        if (options_.leader_elect) {
            standing_by_ = true;
            leadership_.acquire(stop);
            standing_by_ = false;
            log::info("leading");
        }
        metrics_.set_leader(true);
        watch();
        const std::jthread tidy([](const std::stop_token& ended) { tidy_forever(ended); });
        const auto levels = follow_levels(options_.log_level_file, options_.log_levels);
        bool lost = false;
        if (options_.leader_elect) {
            lost = !leadership_.keep(stop);
        } else {
            wait_for(stop);
        }
        return end(lost);
    }

    /// Asked right before each call that changes something. A process that was stopped for a while
    /// may come this way before the thread that keeps the lease has noticed: then this ends it.
    bool may_act() {
        if (leadership_.leads()) return true;
        signals_.stop();
        return false;
    }

    controller::Means means() {
        return {
            .store = store_,
            .plan = upgrade::kPlan,
            .open_outside =
                [this](const api::OmsUpgrade& resource) {
                    return std::make_unique<controller::Workshop>(
                        resource,
                        [this, space = resource.key.space](const std::string& name) {
                            return store_.secret(space, name);
                        },
                        controller::real_doors(permit_, metrics_.on_docker_answer()),
                        options_.backup_dir);
                },
            .now = [] { return Clock::now(); },
            .on_record =
                [this](const api::OmsUpgrade& resource, const api::Status& before) {
                    if (auto event = event_of(resource, before)) events_.record(std::move(*event));
                    metrics_.on_record(resource, before);
                },
            .on_free =
                [this](const std::vector<api::Key>& keys) {
                    for (const auto& key : keys) lanes_.changed(key);
                },
            .scope = scope_,
        };
    }

    controller::Inbox::Outlets outlets() {
        return {.changed = [this](const api::Key& key,
                                  std::string_view object) { lanes_.changed(key, object); },
                .note = [this](const api::OmsUpgrade& resource) { reconciler_.note(resource); },
                .told =
                    [this](const kube::Seen& seen, std::string_view object) {
                        if (options_.metrics_address == kNone) return;
                        try {
                            metrics_.on_told(kube::read_standing(seen, object));
                        } catch (const Failure& error) {
                            log::debug("an upgrade is missing from /metrics",
                                       {{"upgrade", seen.key.space + "/" + seen.key.name},
                                        {"error", error.what()}});
                        }
                    },
                .gone = [this](const kube::Seen& seen) { metrics_.on_gone(seen.key, seen.uid); }};
    }

    void watch() {
        std::vector<std::string> spaces = options_.watched;
        if (spaces.empty()) spaces.emplace_back();
        for (const auto& space : spaces) {
            auto& handler = handlers_.emplace_back(inbox_);
            reflectors_
                .emplace_back(
                    *client_, kube::upgrades_path(space) + options_.selector.query(), handler)
                .start();
        }
        if (options_.selector.is_everything()) return;
        foundlings_ = std::jthread([this, spaces](const std::stop_token& stop) {
            for (const auto& space : spaces) look_for_foundlings(space, stop);
        });
    }

    /// Runs that we held and whose labels ceased to choose us while we were not there to see it: no
    /// watch of ours tells of them.
    void look_for_foundlings(const std::string& space, const std::stop_token& stop) {
        const auto timing = kube::real_timing();
        while (!stop.stop_requested()) {
            try {
                kube::Upgrades(*client_).list(
                    space,
                    [this](const api::OmsUpgrade& resource) {
                        if (side_of(resource, scope_) == controller::Side::ToHandOver)
                            lanes_.changed(resource.key);
                    },
                    {.stop = stop});
                return;
            } catch (const Failure& error) {
                log::warn("cannot look for runs to hand over", {{"error", error.what()}});
            } catch (const Stopped&) {
                return;
            }
            try {
                timing.wait(kFoundlingsAgain, stop);
            } catch (const Stopped&) {
                return;
            }
        }
    }

    controller::Scope scope() const {
        if (options_.selector.is_everything()) return {};
        return {.name = options_.lease_space + "/" + options_.lease_name,
                .covers = [this](const api::OmsUpgrade& resource) {
                    return options_.selector.matches(resource.labels);
                }};
    }

    std::unique_ptr<http::HealthServer> serve_health() {
        if (options_.health_address == kNone) return nullptr;
        return std::make_unique<http::HealthServer>(
            options_.health_address, [this](const std::string& path) -> std::optional<bool> {
                if (path == "/healthz") return true;
                if (path == "/readyz") return standing_by_ || inbox_.is_open();
                return std::nullopt;
            });
    }

    std::unique_ptr<http::PageServer> serve_metrics() {
        if (options_.metrics_address == kNone) return nullptr;
        return std::make_unique<http::PageServer>(
            options_.metrics_address, [this](const std::string& path) -> http::Page {
                if (path != "/metrics") return {.status = 404, .body = "there is /metrics\n"};
                return {.type = metrics::kContentType, .body = metrics_.text(&lanes_)};
            });
    }

    static void wait_for(const std::stop_token& stop) {
        std::mutex mutex;
        std::condition_variable_any changed;
        std::unique_lock lock(mutex);
        changed.wait(lock, stop, [] { return false; });
    }

    /// Gives back to the machine what a burst of changes once needed: the allocator would keep it.
    static void tidy_forever(const std::stop_token& stop) {
        std::mutex mutex;
        std::condition_variable_any changed;
        std::unique_lock lock(mutex);
        while (!stop.stop_requested()) {
            changed.wait_for(lock, stop, kTidyEvery, [] { return false; });
            ::malloc_trim(0);
        }
    }

    int end(bool lost) {
        if (lost) log::error("the lease was lost: another operator may lead by now");
        log::info("stopping");
        metrics_.set_leader(false);
        // A leader no more must not write a thing: the token ends calls under way as well.
        signals_.stop();
        reflectors_.clear();
        foundlings_ = {};
        lanes_.stop();
        if (!lanes_.wait(kLongestStop)) {
            log::warn("a push did not end in time; the next start goes on from what is recorded");
            ::_exit(kFailed);
        }
        // Not earlier: the next one begins at once.
        if (options_.leader_elect && !lost) leadership_.release();
        return lost ? kFailed : kSucceeded;
    }

    const Options& options_;
    Signals& signals_;
    kube::Connection connection_;
    metrics::Metrics metrics_;  // told by all that follows
    std::unique_ptr<kube::Client> client_;
    controller::Inbox inbox_;  // the store tells it what was written, so it outlives that
    kube::Leadership leadership_;
    Permit permit_;
    controller::ClusterStore store_;
    kube::EventRecorder events_;
    const controller::Scope scope_ = scope();
    controller::Reconciler reconciler_;
    controller::Lanes lanes_;
    std::list<controller::InboxHandler> handlers_;
    std::list<kube::Reflector> reflectors_;
    std::jthread foundlings_;
    std::atomic<bool> standing_by_ = false;
};

}  // namespace

int run_operator(const Options& options, Signals& signals) {
    return Operator(options, signals).run();
}

}  // namespace oms::app
