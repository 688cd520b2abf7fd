#include "upgrade/site.hpp"

#include "upgrade/prechecks/rules.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace oms::upgrade {
namespace {

/// "10.0.0.2" and which node it is of, by the order in spec.nodes.
std::map<std::string, std::size_t> nodes_by_ip(const Target& target,
                                               const Survey& found,
                                               Findings& all) {
    std::map<std::string, std::size_t> nodes;
    for (std::size_t node = 0; node < found.nodes.size(); ++node) {
        if (!found.nodes[node].container) continue;
        const std::string ip = host_ip_of(target, found, node);
        const std::string where = entry_of(target, node);
        if (ip.empty()) {
            add(all,
                "Nodes",
                target.spec.nodes[node].container + " has no OMS_HOST_IP",
                "say it in " + where + ".hostIP");
        } else if (const auto [twin, is_new] = nodes.emplace(ip, node); !is_new) {
            add(all,
                "Nodes",
                where + " and " + entry_of(target, twin->second) + " both have the OMS_HOST_IP " +
                    ip,
                "each node of OMS has an address of its own");
        }
    }
    return nodes;
}

void holds_every_listed_node(const Survey& found,
                             const std::map<std::string, std::size_t>& nodes,
                             Findings& all) {
    std::set<std::string> missing;
    for (const auto& node : found.nodes) {
        if (!node.settings) continue;
        for (const auto& ip : node.settings->cm_nodes) {
            if (nodes.contains(ip) || !missing.insert(ip).second) continue;
            add(all,
                "Nodes",
                ip + " is one of cm_nodes in config.yaml of " + node.container->name +
                    ", and no node of spec.nodes has that OMS_HOST_IP",
                "list every node of every region in spec.nodes: an OMS is upgraded whole");
        }
    }
    if (!found.meta) return;
    for (const auto& host : found.meta->hosts) {
        if (host.status != "ONLINE" || nodes.contains(host.ip) || missing.contains(host.ip))
            continue;
        add(all,
            "Nodes",
            "MetaDB says that the host " + host.ip +
                " is ONLINE, and no node of spec.nodes has that OMS_HOST_IP",
            "list every node of every region in spec.nodes: an OMS is upgraded whole; if OMS "
            "does not run there any more, waive Nodes");
    }
}

void is_listed_itself(const Target& target, const Survey& found, Findings& all) {
    for (std::size_t node = 0; node < found.nodes.size(); ++node) {
        const auto& config = found.nodes[node].settings;
        if (!config) continue;
        const auto& listed = config->cm_nodes;
        const std::string ip = host_ip_of(target, found, node);
        if (std::find(listed.begin(), listed.end(), ip) != listed.end()) continue;
        add(all,
            "Nodes",
            "the OMS_HOST_IP " + ip + " of " + found.nodes[node].container->name +
                " is not among cm_nodes of its own config.yaml",
            "correct cm_nodes or OMS_HOST_IP: OMS finds no live host otherwise");
    }
}

/// What must be the same wherever it stands, or nowhere the same.
struct Shared {
    std::string key;
    std::string (*value)(const Config&);
};

std::string place(const MetaEndpoint& end) {
    return end.user + "@" + end.host + ":" + std::to_string(end.port);
}

void is_one_oms(const Survey& found, Findings& all) {
    static const std::vector<Shared> shared_by_all{
        {"drc_rm_db", [](const Config& config) { return config.rm_database; }},
        {"drc_cm_db", [](const Config& config) { return config.cm_database; }},
        {"the rm connection", [](const Config& config) { return place(config.rm); }},
        {"the cm connection", [](const Config& config) { return place(config.cm); }},
    };
    const auto& first = found.nodes.front();
    if (!first.settings) return;
    for (const auto& node : found.nodes) {
        if (!node.settings) continue;
        for (const Shared& one : shared_by_all) {
            const std::string wanted = one.value(*first.settings);
            const std::string there = one.value(*node.settings);
            if (there == wanted) continue;
            add(all,
                "Regions",
                one.key + " in config.yaml of " + node.container->name + " is " + there +
                    ", on the first node it is " + wanted,
                "all nodes of one OMS share it; upgrade two OMS as two resources");
        }
    }
}

/// A region has one heartbeat database, and no other region has it (oms-facts 3).
void heartbeats_are_apart(const Survey& found, const std::vector<Region>& regions, Findings& all) {
    std::map<std::string, std::string> owners;
    for (const Region& region : regions) {
        std::set<std::string> databases;
        for (const std::size_t node : region.nodes)
            databases.insert(found.nodes[node].settings->heartbeat_database);
        if (databases.size() > 1) {
            add(all,
                "Regions",
                "the nodes of the region " + region.name +
                    " name different databases in drc_cm_heartbeat_db",
                "a region has one heartbeat database, and a cm_location of its own");
        }
        for (const auto& database : databases) {
            const auto [owner, is_new] = owners.emplace(database, region.name);
            if (is_new) continue;
            add(all,
                "Regions",
                "the regions " + owner->second + " and " + region.name +
                    " share the heartbeat database " + database,
                "drc_cm_heartbeat_db must differ from region to region");
        }
    }
}

void one_region_is_default(const Survey& found, const std::vector<Region>& regions, Findings& all) {
    const auto is_default = [&](const Region& region) {
        return found.nodes[region.nodes.front()].settings->is_default;
    };
    const auto defaults = std::count_if(regions.begin(), regions.end(), is_default);
    if (regions.size() < 2 || defaults == 1) return;
    add(all,
        "Regions",
        std::to_string(defaults) + " of " + std::to_string(regions.size()) +
            " regions have cm_is_default true",
        "exactly one of them is the default");
}

void regions_are_as_said(const Target& target, const Survey& found, Findings& all) {
    for (std::size_t node = 0; node < found.nodes.size(); ++node) {
        const auto& said = target.spec.nodes[node].region;
        const auto& config = found.nodes[node].settings;
        if (!said || !config || config->cm_region.value_or(*said) == *said) continue;
        add(all,
            "Regions",
            "spec.nodes[" + std::to_string(node) + "].region is " + *said +
                ", and cm_region in config.yaml of " + found.nodes[node].container->name + " is " +
                *config->cm_region,
            "correct spec.nodes[" + std::to_string(node) +
                "], if it names another container than was meant, or leave region out");
    }
}

}  // namespace

void every_node_is_listed(const Target& target, const Survey& found, Findings& all) {
    const auto nodes = nodes_by_ip(target, found, all);
    // A node that cannot be seen has no address that could be compared.
    const bool seen = std::all_of(found.nodes.begin(), found.nodes.end(), [](const auto& node) {
        return node.container.has_value();
    });
    if (seen) holds_every_listed_node(found, nodes, all);
    is_listed_itself(target, found, all);
}

void regions_are_sound(const Target& target, const Survey& found, Findings& all) {
    const auto regions = regions_of(found);
    regions_are_as_said(target, found, all);
    is_one_oms(found, all);
    heartbeats_are_apart(found, regions, all);
    one_region_is_default(found, regions, all);
}

/// Where containers run, their clock and zone; MetaDB's are what OMS compares them with.
void hosts_clocks_agree(const Target& target, const Survey& found, Findings& all) {
    constexpr std::chrono::seconds kSkewMax{60};
    if (!found.meta || found.meta->error) return;
    const auto& server = found.meta->server;
    for (std::size_t node = 0; node < found.nodes.size(); ++node) {
        const auto& clock = found.nodes[node].clock;
        if (!clock) continue;
        const std::string host = host_ip_of(target, found, node);
        const auto ahead = clock->ahead - server.clock_ahead;
        if (ahead > kSkewMax || ahead < -kSkewMax) {
            add(all,
                "Clocks",
                "the clock of " + host + " is " + std::to_string(ahead.count()) +
                    " s ahead of MetaDB's",
                "let both follow NTP: OMS tasks time out otherwise",
                api::Severity::Warning);
        }
        const bool comparable = server.time_zone.size() == 6;  // "+08:00", not a name
        if (comparable && clock->time_zone != server.time_zone) {
            add(all,
                "TimeZones",
                "the time zone of OMS on " + host + " is " + clock->time_zone + ", MetaDB's is " +
                    server.time_zone,
                "give both the same: OMS tasks may time out otherwise",
                api::Severity::Warning);
        }
    }
}

}  // namespace oms::upgrade
