#include "metrics/metrics.hpp"

#include "metrics/process.hpp"
#include "metrics/upgrade_series.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <utility>

namespace oms::metrics {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;
template <class T>
using Family = prometheus::Family<T>;

/// Each lane is a controller, as controller-runtime would have it: a queue and its workers.
constexpr std::array<const char*, 2> kControllers{"omsupgrade", "omsupgrade-steps"};

/// In the order of controller::LookEnd.
constexpr std::array<const char*, 4> kResults{"success", "error", "requeue", "requeue_after"};
/// In the order of api::Outcome.
constexpr std::array<const char*, 4> kOutcomes{"Succeeded", "RolledBack", "Failed", "Refused"};

/// controller-runtime's, so that its dashboards fit.
const Histogram::BucketBoundaries kLookSeconds{
    0.005, 0.01, 0.025, 0.05, 0.1,  0.15, 0.2,  0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6,
    0.7,   0.8,  0.9,   1.0,  1.25, 1.5,  1.75, 2.0,  2.5, 3.0,  3.5, 4.0,  4.5, 5,
    6,     7,    8,     9,    10,   15,   20,   25,   30,  40,   50,  60};
const Histogram::BucketBoundaries kQueueSeconds{
    1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100, 1000};

double seconds(std::chrono::steady_clock::duration length) {
    return std::chrono::duration<double>(length).count();
}

/// Empty: no error, or one that is a part of asking ("is it there?").
const char* kind_of_error(int status) {
    switch (status) {
        case 0:
            return "no_answer";
        case 401:
        case 403:
            return "forbidden";
        case 409:
            return "conflict";
        case 429:
            return "throttled";
        case 404:
            return nullptr;
        default:
            return status >= 500 ? "server_error" : status >= 400 ? "refused" : nullptr;
    }
}
constexpr std::array kErrorKinds{
    "no_answer", "forbidden", "conflict", "throttled", "server_error", "refused"};

/// What is counted of one controller.
struct Lane {
    Counter& adds;
    Counter& retries;
    Histogram& queued;
    Histogram& worked;
    Histogram& looked;
    Counter& errors;
    std::array<Counter*, kResults.size()> results{};

    Lane(prometheus::Registry& registry, const char* name)
        : adds(counter(registry, name, "workqueue_adds_total", "Adds handled by the queue.")),
          retries(
              counter(registry, name, "workqueue_retries_total", "Retries handled by the queue.")),
          queued(histogram(registry,
                           {{"name", name}, {"controller", name}},
                           "workqueue_queue_duration_seconds",
                           "How long a key stays in the queue before it is taken.",
                           kQueueSeconds)),
          worked(histogram(registry,
                           {{"name", name}, {"controller", name}},
                           "workqueue_work_duration_seconds",
                           "How long it takes to work on a key of the queue.",
                           kQueueSeconds)),
          looked(histogram(registry,
                           {{"controller", name}},
                           "controller_runtime_reconcile_time_seconds",
                           "Length of time per reconciliation per controller.",
                           kLookSeconds)),
          errors(BuildCounter()
                     .Name("controller_runtime_reconcile_errors_total")
                     .Help("Reconciliations that ended with an error, per controller.")
                     .Register(registry)
                     .Add({{"controller", name}})) {
        auto& family = BuildCounter()
                           .Name("controller_runtime_reconcile_total")
                           .Help("Reconciliations per controller and result.")
                           .Register(registry);
        for (std::size_t i = 0; i < kResults.size(); ++i)
            results.at(i) = &family.Add({{"controller", name}, {"result", kResults.at(i)}});
    }

    controller::LaneListener listener() {
        return {.queue = {.added = [this] { adds.Increment(); },
                          .retried = [this] { retries.Increment(); },
                          .taken = [this](auto waited) { queued.Observe(seconds(waited)); },
                          .done =
                              [this](auto length) {
                                  worked.Observe(seconds(length));
                                  looked.Observe(seconds(length));
                              }},
                .looked = [this](controller::LookEnd end) {
                    results.at(static_cast<std::size_t>(end))->Increment();
                    if (end == controller::LookEnd::Error) errors.Increment();
                }};
    }

private:
    static Counter& counter(prometheus::Registry& registry,
                            const char* lane,
                            const char* name,
                            const char* help) {
        return BuildCounter().Name(name).Help(help).Register(registry).Add(
            {{"name", lane}, {"controller", lane}});
    }

    static Histogram& histogram(prometheus::Registry& registry,
                                const prometheus::Labels& labels,
                                const char* name,
                                const char* help,
                                const Histogram::BucketBoundaries& buckets) {
        return BuildHistogram().Name(name).Help(help).Register(registry).Add(labels, buckets);
    }
};

/// Counters of errors by kind, each of them there from the beginning.
class Errors {
public:
    Errors(prometheus::Registry& registry, const char* name, const char* help)
        : family_(BuildCounter().Name(name).Help(help).Register(registry)) {
        for (const auto* kind : kErrorKinds) family_.Add({{"kind", kind}});
    }

    void count(int status) {
        if (const auto* kind = kind_of_error(status)) family_.Add({{"kind", kind}}).Increment();
    }

private:
    Family<Counter>& family_;
};

Labels lane_labels(const char* lane) {
    return {{"name", lane}, {"controller", lane}};
}

/// What is asked of the queues when somebody looks.
Families lane_families(const controller::Lanes& lanes) {
    auto depth = family("workqueue_depth", "Keys that are due in the queue.");
    auto unfinished = family("workqueue_unfinished_work_seconds",
                             "How many seconds of work are under way, of all workers together.");
    auto longest = family("workqueue_longest_running_processor_seconds",
                          "For how many seconds the longest of them has been at it.");
    auto active = family("controller_runtime_active_workers", "Workers in use per controller.");
    const std::array standings{lanes.glances(), lanes.stretches()};
    for (std::size_t i = 0; i < standings.size(); ++i) {
        const auto& standing = standings.at(i);
        const auto* lane = kControllers.at(i);
        add(depth, lane_labels(lane), static_cast<double>(standing.depth));
        add(unfinished, lane_labels(lane), seconds(standing.unfinished));
        add(longest, lane_labels(lane), seconds(standing.longest));
        add(active, {{"controller", lane}}, static_cast<double>(standing.at_work));
    }
    return {depth, unfinished, longest, active};
}

}  // namespace

struct Metrics::Registry {
    Registry(const Facts& facts, Now clock)
        : now(std::move(clock)),
          api_host(facts.api_host),
          requests(BuildCounter()
                       .Name("rest_client_requests_total")
                       .Help("Requests to the API server, by status code, method and host.")
                       .Register(registry)),
          api_errors(registry,
                     "oms_operator_api_errors_total",
                     "Requests to the API server that ended badly, by kind."),
          docker_errors(registry,
                        "oms_operator_docker_errors_total",
                        "Requests to Docker daemons that ended badly, by kind."),
          finished(BuildCounter()
                       .Name("oms_operator_runs_finished_total")
                       .Help("Runs that ended, by outcome, since this process began.")
                       .Register(registry)),
          leader(BuildGauge()
                     .Name("oms_operator_leader")
                     .Help("1 while this process is the one that acts.")
                     .Register(registry)
                     .Add({})) {
        BuildGauge()
            .Name("oms_operator_build_info")
            .Help("1, for the version and commit of this process.")
            .Register(registry)
            .Add({{"version", facts.version}, {"commit", facts.commit}})
            .Set(1);
        auto& workers = BuildGauge()
                            .Name("controller_runtime_max_concurrent_reconciles")
                            .Help("Most workers per controller.")
                            .Register(registry);
        workers.Add({{"controller", kControllers[0]}})
            .Set(static_cast<double>(facts.lanes.glances));
        workers.Add({{"controller", kControllers[1]}})
            .Set(static_cast<double>(facts.lanes.stretches));
        for (const auto* outcome : kOutcomes) finished.Add({{"outcome", outcome}});
        if (facts.elects) {
            elected = &BuildGauge()
                           .Name("leader_election_master_status")
                           .Help("1 while this process holds the lease.")
                           .Register(registry)
                           .Add({{"name", "oms-operator"}});
        }
    }

    prometheus::Registry registry;
    const Now now;
    const std::string api_host;
    Family<Counter>& requests;
    Errors api_errors;
    Errors docker_errors;
    Family<Counter>& finished;
    Gauge& leader;
    Gauge* elected = nullptr;
    Lane glances{registry, kControllers[0]};
    Lane stretches{registry, kControllers[1]};
    UpgradeSeries upgrades;
};

Metrics::Metrics(const Facts& facts, Now now)
    : registry_(std::make_unique<Registry>(facts, std::move(now))) {}

Metrics::~Metrics() = default;

http::OnAnswer Metrics::on_api_answer() {
    return [all = registry_.get()](const http::Request& request, int status) {
        // As client-go says it.
        const std::string code = status == 0 ? "<error>" : std::to_string(status);
        all->requests.Add({{"code", code}, {"method", request.method}, {"host", all->api_host}})
            .Increment();
        all->api_errors.count(status);
    };
}

http::OnAnswer Metrics::on_docker_answer() {
    return [all = registry_.get()](const http::Request&, int status) {
        all->docker_errors.count(status);
    };
}

controller::LaneListeners Metrics::lane_listeners() {
    return {.glances = registry_->glances.listener(), .stretches = registry_->stretches.listener()};
}

void Metrics::set_leader(bool leads) {
    registry_->leader.Set(leads ? 1 : 0);
    if (registry_->elected != nullptr) registry_->elected->Set(leads ? 1 : 0);
}

void Metrics::on_record(const api::OmsUpgrade& resource, const api::Status& before) {
    registry_->upgrades.on_record(resource);
    const auto& run = resource.status.run;
    if (!run || !run->outcome) return;
    if (before.run && before.run->id == run->id && before.run->outcome == run->outcome) return;
    registry_->finished.Add({{"outcome", kOutcomes.at(static_cast<std::size_t>(*run->outcome))}})
        .Increment();
}

void Metrics::on_told(const api::OmsUpgrade& resource) {
    registry_->upgrades.on_told(resource);
}

void Metrics::on_gone(const api::Key& key, const std::string& uid) {
    registry_->upgrades.on_gone(key, uid);
}

std::string Metrics::text(const controller::Lanes* lanes) const {
    Families all = registry_->registry.Collect();
    const auto take = [&](Families more) {
        all.insert(
            all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    };
    if (lanes != nullptr) take(lane_families(*lanes));
    take(registry_->upgrades.collect(registry_->now()));
    take(process_families());
    return prometheus::TextSerializer().Serialize(all);
}

}  // namespace oms::metrics
