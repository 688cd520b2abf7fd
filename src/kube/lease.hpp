#pragma once

#include "api/oms_upgrade.hpp"
#include "base/clock.hpp"
#include "kube/client.hpp"
#include "kube/election.hpp"
#include "kube/timing.hpp"

#include <functional>
#include <stop_token>
#include <string>

namespace oms::kube {

struct LeaseOptions {
    api::Key key;          // of the Lease: {"oms-system", "oms-operator"}
    std::string identity;  // unique per process: "<pod>_<uuid>"
    ElectionTimes times{};
};

/// Leads as long as a Lease says so.
class Leadership {
public:
    Leadership(Client& client,
               LeaseOptions options,
               Timing timing = real_timing(),
               Now wall = Clock::now);

    /// Waits until this process leads. Throws Stopped, or Terminal (no rights).
    void acquire(const std::stop_token& stop);

    /// Renews until asked to stop (true: then the lease was released, as far as the API server can
    /// be reached) or leadership is lost (false: whoever calls must end the process, since another
    /// one leads by now). Call after acquire.
    bool keep(const std::stop_token& stop);

private:
    /// One look and at most one write. True: written.
    bool attempt(const Call&);
    bool attempt_to_renew(const std::stop_token& stop);
    /// Writes without a look, as most renewals do. False: the lease is not as we left it.
    bool renew(const Call&);
    void create(const LeaseRecord&, Instant at, const Call&);
    void update(const LeaseRecord&, Instant at, const Call&);
    void release();

    Client& client_;
    const LeaseOptions options_;
    const Timing timing_;
    const Now wall_;
    Election election_;
    std::string resource_version_;  // of the lease, as last read or written
};

}  // namespace oms::kube
