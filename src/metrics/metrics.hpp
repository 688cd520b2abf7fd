#pragma once

#include "api/oms_upgrade.hpp"
#include "base/clock.hpp"
#include "controller/lanes.hpp"
#include "http/watched_transport.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace oms::metrics {

/// What a scrape of /metrics is answered with: docs/metrics.md lists it. The other rooms know
/// nothing of it; they have hooks, and what is handed out here fits into them. Labels are words of
/// ours, and names of resources that are there. Any thread.
class Metrics {
public:
    struct Facts {
        std::string version;
        std::string commit;
        std::string api_host;  // "10.96.0.1:443"
        controller::LaneSizes lanes;
        bool elects = false;  // there may be other replicas, so who leads is of interest
    };

    explicit Metrics(const Facts&, Now now = Clock::now);
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    // What they are given must not outlive this object.
    http::OnAnswer on_api_answer();
    http::OnAnswer on_docker_answer();
    controller::LaneListeners lane_listeners();

    /// We act on upgrades, from now on or no more.
    void set_leader(bool);

    /// We wrote this status.
    void on_record(const api::OmsUpgrade&, const api::Status& before);
    /// Somebody else did, or it was there when we came.
    void on_told(const api::OmsUpgrade&);
    void on_gone(const api::Key&, const std::string& uid);

    /// The page, in Prometheus' text format. `lanes`: when they run.
    std::string text(const controller::Lanes* lanes = nullptr) const;

private:
    struct Registry;

    std::unique_ptr<Registry> registry_;
};

/// The Content-Type of that page.
inline constexpr auto kContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace oms::metrics
