#include "kube/lease.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "kube/errors.hpp"
#include "kube/seen.hpp"
#include "kube/skim.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <random>
#include <utility>

namespace oms::kube {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds kReleaseTimeout{2'000};

std::string leases_of(const std::string& space) {
    return "/apis/coordination.k8s.io/v1/namespaces/" + http::encode(space) + "/leases";
}

std::string path(const api::Key& key) {
    return leases_of(key.space) + "/" + http::encode(key.name);
}

LeaseRecord read_record(std::string_view lease) {
    LeaseRecord record;
    for (Members members(lease); const auto member = members.next();) {
        if (member->key != "spec" || !is_object(member->value)) continue;
        for (Members spec(member->value); const auto field = spec.next();) {
            const auto& [key, value] = *field;
            if (key == "holderIdentity") {
                record.holder = as_text(value);
            } else if (key == "leaseDurationSeconds") {
                record.duration_seconds = as_number(value);
            } else if (key == "acquireTime") {
                record.acquire_time = as_text(value);
            } else if (key == "renewTime") {
                record.renew_time = as_text(value);
            } else if (key == "leaseTransitions") {
                record.transitions = as_number(value);
            }
        }
    }
    return record;
}

Json spec_of(const LeaseRecord& record) {
    return {{"holderIdentity", record.holder},
            {"leaseDurationSeconds", record.duration_seconds},
            {"acquireTime", record.acquire_time},
            {"renewTime", record.renew_time},
            {"leaseTransitions", record.transitions}};
}

}  // namespace

Leadership::Leadership(Client& client, LeaseOptions options, Timing timing, Now wall)
    : client_(client),
      options_(std::move(options)),
      timing_(std::move(timing)),
      wall_(std::move(wall)),
      election_(options_.identity, options_.times) {}

void Leadership::acquire(const std::stop_token& stop) {
    std::minstd_rand random(std::random_device{}());
    // As client-go, up to 1.2 times longer: of many who wait, few should come at once.
    std::uniform_int_distribution<milliseconds::rep> more(0, options_.times.retry.count() * 6 / 5);
    std::string told;
    for (;;) {
        try {
            if (attempt({.stop = stop, .timeout = options_.times.renew_deadline})) return;
            if (const auto& leader = election_.other_leader(); !leader.empty() && leader != told) {
                told = leader;
                log::info("waiting to lead", {{"leader", leader}});
            }
        } catch (const Transient& failure) {
            log::warn("cannot take the lease", {{"error", failure.what()}});
        }
        timing_.wait(options_.times.retry + milliseconds(more(random)), stop);
    }
}

bool Leadership::keep(const std::stop_token& stop) {
    try {
        while (leads()) {
            timing_.wait(std::min(options_.times.retry, election_.left(timing_.now())), stop);
            if (!attempt_to_renew(stop) && !election_.other_leader().empty()) return false;
        }
        return false;
    } catch (const Stopped&) {
        return leads();
    }
}

bool Leadership::leads() const {
    const Instant until = leads_until_;
    if (until == Instant{}) return false;
    if (timing_.now() >= until) has_lapsed_ = true;
    return !has_lapsed_;
}

bool Leadership::attempt_to_renew(const std::stop_token& stop) {
    const auto left = election_.left(timing_.now());
    if (left.count() == 0 || !leads()) return false;
    try {
        const Call call{.stop = stop, .timeout = left};
        return renew(call) || attempt(call);
    } catch (const Failure& failure) {
        // A Terminal too: rights that were taken away end leadership when its time is over.
        log::warn("cannot renew the lease", {{"error", failure.what()}});
        return false;
    }
}

bool Leadership::attempt(const Call& call) {
    const Instant at = timing_.now();
    const auto text = client_.find(path(options_.key), call);
    std::optional<LeaseRecord> seen;
    if (text) {
        seen = read_record(*text);
        resource_version_ = digest(*text).resource_version;
    }
    const auto step = election_.decide(seen, at, wall_());
    try {
        if (const auto* first = std::get_if<Election::Create>(&step))
            create(first->record, at, call);
        if (const auto* next = std::get_if<Election::Update>(&step)) update(next->record, at, call);
        return !std::holds_alternative<Election::Stand>(step);
    } catch (const Conflict&) {
        return false;  // another was faster
    }
}

bool Leadership::renew(const Call& call) {
    const auto record = election_.renewal(wall_());
    if (!record) return false;
    try {
        update(*record, timing_.now(), call);
        return true;
    } catch (const Conflict&) {
        return false;
    }
}

void Leadership::create(const LeaseRecord& record, Instant at, const Call& call) {
    const Json lease{{"apiVersion", "coordination.k8s.io/v1"},
                     {"kind", "Lease"},
                     {"metadata", {{"name", options_.key.name}}},
                     {"spec", spec_of(record)}};
    const auto stored = client_.create(leases_of(options_.key.space), lease, call);
    resource_version_ = digest(stored).resource_version;
    written(record, at);
}

void Leadership::update(const LeaseRecord& record, Instant at, const Call& call) {
    const Json patch{{"metadata", {{"resourceVersion", resource_version_}}},
                     {"spec", spec_of(record)}};
    const auto stored = client_.patch(path(options_.key), Patch::Merge, patch, call);
    if (!stored) throw Conflict("the lease was deleted while it was being written");
    resource_version_ = digest(*stored).resource_version;
    written(record, at);
}

void Leadership::written(const LeaseRecord& record, Instant at) {
    election_.on_written(record, at);
    leads_until_ = at + options_.times.renew_deadline;
}

void Leadership::release() {
    leads_until_ = Instant{};
    const Json patch{{"metadata", {{"resourceVersion", resource_version_}}},
                     {"spec", spec_of(election_.released(wall_()))}};
    try {
        client_.patch(path(options_.key), Patch::Merge, patch, {.timeout = kReleaseTimeout});
    } catch (const Failure& failure) {
        // It expires by itself.
        log::warn("cannot release the lease", {{"error", failure.what()}});
    }
}

}  // namespace oms::kube
