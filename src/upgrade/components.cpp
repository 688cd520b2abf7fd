#include "upgrade/components.hpp"

#include "oms/supervisor.hpp"

#include <algorithm>

namespace oms::upgrade {
namespace {

using namespace std::chrono_literals;

/// OMS itself takes a host for down after 540 s without a heartbeat (oms-facts 1.2); one that works
/// reports every few seconds.
constexpr auto kBeatAgeMax = 30s;

}  // namespace

std::optional<std::string> trouble_of_host(const std::vector<metadb::HostRow>& hosts,
                                           const std::vector<metadb::Beat>& beats,
                                           const std::string& ip) {
    const auto host =
        std::find_if(hosts.begin(), hosts.end(), [&](const auto& row) { return row.ip == ip; });
    if (host == hosts.end()) return "the host " + ip + " is not registered in MetaDB";
    if (host->status != "ONLINE") return "the host " + ip + " is " + host->status;
    const bool fresh = std::any_of(beats.begin(), beats.end(), [&](const auto& beat) {
        return beat.host_ip == ip && beat.age <= kBeatAgeMax;
    });
    if (!fresh) return "the supervisor on " + ip + " has not reported lately";
    return std::nullopt;
}

std::optional<std::string> trouble_of_component_programs(const runtime::Host& host,
                                                         const std::string& container,
                                                         const std::string& said) {
    const auto answer = host.ask(container, {"supervisorctl", "status"}, 10s);
    if (!answer) return said + " does not run";
    const auto waiting = components_not_running(parse_supervisor_status(answer->out));
    if (!waiting.empty()) return "in " + said + ": " + waiting.front();
    return std::nullopt;
}

std::optional<std::string> trouble_of_component(const Target& target,
                                                const Tools& tools,
                                                std::size_t node) {
    const std::string& name = target.spec.nodes.at(node).container;
    if (auto trouble =
            trouble_of_component_programs(tools.host(node), name, target.said(name, node)))
        return trouble;
    const std::string& heartbeats = target.before.nodes.at(node).heartbeat_database;
    return trouble_of_host(tools.cm().hosts(target.cm_database()),
                           tools.cm().supervisor_beats(heartbeats),
                           target.host_ip(node));
}

std::vector<std::size_t> kept_nodes(const Target& target) {
    std::vector<std::size_t> nodes;
    for (std::size_t node = 0; node < target.spec.nodes.size(); ++node)
        if (target.keeps_running(node)) nodes.push_back(node);
    return nodes;
}

}  // namespace oms::upgrade
