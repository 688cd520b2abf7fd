#pragma once

#include "api/oms_upgrade.hpp"
#include "base/clock.hpp"
#include "kube/client.hpp"
#include "kube/election.hpp"
#include "kube/timing.hpp"

#include <atomic>
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

    /// Renews until asked to stop (true) or leadership is lost (false: whoever calls must end the
    /// process, since another one leads by now). Call after acquire.
    bool keep(const std::stop_token& stop);

    /// We lead, and the lease was renewed less than the renew deadline ago: nobody else can have
    /// taken it. Once that was false it stays so. By any thread, and cheap: it is asked right
    /// before each call that changes the world (base/permit.hpp).
    bool leads() const;

    /// Gives the lease back, as far as the API server can be reached, so that the next one need not
    /// wait for its end. To be called by the thread of `keep` after that, and not before nothing of
    /// this process can act any more.
    void release();

private:
    /// One look and at most one write. True: written.
    bool attempt(const Call&);
    bool attempt_to_renew(const std::stop_token& stop);
    /// Writes without a look, as most renewals do. False: the lease is not as we left it.
    bool renew(const Call&);
    void create(const LeaseRecord&, Instant at, const Call&);
    void update(const LeaseRecord&, Instant at, const Call&);
    void written(const LeaseRecord&, Instant at);

    Client& client_;
    const LeaseOptions options_;
    const Timing timing_;
    const Now wall_;
    Election election_;
    std::string resource_version_;                  // of the lease, as last read or written
    std::atomic<Instant> leads_until_ = Instant{};  // what leads() goes by
    mutable std::atomic<bool> has_lapsed_ = false;
};

}  // namespace oms::kube
