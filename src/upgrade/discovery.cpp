#include "upgrade/discovery.hpp"

#include "api/validate.hpp"
#include "upgrade/site.hpp"

#include <algorithm>
#include <set>
#include <string_view>

namespace oms::upgrade {
namespace {

/// "tcp://10.0.0.2:2376", "tcp://[fd00::2]:2376".
std::string endpoint_of(const api::DiscoverySpec& discovery, const std::string& ip) {
    constexpr std::string_view kPlace = "{ip}";
    std::string endpoint = discovery.endpoint_pattern;
    const auto at = endpoint.find(kPlace);
    if (at == std::string::npos) return endpoint;
    const bool is_ipv6 = ip.find(':') != std::string::npos;
    return endpoint.replace(at, kPlace.size(), is_ipv6 ? "[" + ip + "]" : ip);
}

/// Every address by which OMS knows a node, each once.
std::vector<std::string> listed_by_oms(const Survey& found) {
    std::vector<std::string> all;
    std::set<std::string> known;
    const auto add = [&](const std::string& ip) {
        if (known.insert(ip).second) all.push_back(ip);
    };
    for (const auto& node : found.nodes)
        if (node.settings) std::ranges::for_each(node.settings->cm_nodes, add);
    for (const auto& host : found.meta->hosts)
        if (host.status == "ONLINE") add(host.ip);
    return all;
}

/// What has to be seen before anything can be told.
std::optional<std::string> what_is_missing(const Target& target, const Survey& found) {
    for (std::size_t node = 0; node < found.nodes.size(); ++node) {
        if (target.is_discovered(node) || !host_ip_of(target, found, node).empty()) continue;
        return "the OMS_HOST_IP of spec.nodes[" + std::to_string(node) + "] is not known";
    }
    if (!found.nodes.front().settings)
        return "config.yaml of " + target.spec.nodes.front().container + " cannot be read";
    if (!found.meta || found.meta->error || !found.meta->is_readable())
        return "the hosts that MetaDB knows cannot be read";
    return std::nullopt;
}

bool has_node(const Target& target,
              const Survey& found,
              const std::string& ip,
              const std::string& endpoint) {
    for (std::size_t node = 0; node < found.nodes.size(); ++node) {
        const bool is_it = target.is_discovered(node)
                               ? target.spec.nodes[node].docker.endpoint == endpoint
                               : host_ip_of(target, found, node) == ip;
        if (is_it) return true;
    }
    return false;
}

}  // namespace

Discovery discover(const Target& target, const Survey& found) {
    if (!target.spec.discovery) return {};
    if (auto missing = what_is_missing(target, found)) return {.nodes = {}, .trouble = missing};
    const api::DiscoverySpec& discovery = *target.spec.discovery;
    const api::NodeSpec& like = target.spec.nodes.front();
    Discovery all;
    for (const std::string& ip : listed_by_oms(found)) {
        const std::string endpoint = endpoint_of(discovery, ip);
        if (has_node(target, found, ip, endpoint)) continue;
        // Its OMS_HOST_IP is left to its container: should that differ, another host was reached.
        all.nodes.push_back({.docker = {.endpoint = endpoint, .tls_secret = discovery.tls_secret},
                             .container = like.container,
                             .new_container = like.new_container,
                             .host_ip = std::nullopt,
                             .role = like.role,
                             .region = std::nullopt});
    }
    api::Spec whole = target.spec;
    whole.nodes.insert(whole.nodes.end(), all.nodes.begin(), all.nodes.end());
    if (const auto problems = api::validate(whole); !problems.empty()) {
        return {.nodes = {},
                .trouble = "with the nodes that OMS knows, " + api::to_string(problems.front())};
    }
    return all;
}

void record_discovery(const Discovery& found, api::Status& status) {
    api::Run& run = *status.run;
    run.spec.nodes.insert(run.spec.nodes.end(), found.nodes.begin(), found.nodes.end());
    run.discovered_nodes += static_cast<std::int32_t>(found.nodes.size());
}

}  // namespace oms::upgrade
