#include "upgrade/site.hpp"

#include "oms/names.hpp"

#include <algorithm>
#include <set>

namespace oms::upgrade {
namespace {

std::string name_of(const Config& config) {
    return config.cm_region.value_or("cm_location " + std::to_string(config.cm_location));
}

std::set<std::string> neighbours(const Survey& found, std::size_t node) {
    const auto& nodes = found.nodes[node].settings->cm_nodes;
    return {nodes.begin(), nodes.end()};
}

}  // namespace

std::vector<Region> regions_of(const Survey& found) {
    std::vector<Region> regions;
    for (std::size_t node = 0; node < found.nodes.size(); ++node) {
        const auto& config = found.nodes[node].settings;
        if (!config) continue;
        auto known = std::find_if(regions.begin(), regions.end(), [&](const Region& one) {
            return one.location == config->cm_location;
        });
        if (known == regions.end())
            known = regions.insert(known, {name_of(*config), config->cm_location, {}});
        known->nodes.push_back(node);
    }
    return regions;
}

std::string host_ip_of(const Target& target, const Survey& found, std::size_t node) {
    if (const auto& said = target.spec.nodes[node].host_ip) return *said;
    const auto& container = found.nodes[node].container;
    if (!container) return "";
    const auto ip = container->environment.find(std::string(kHostIpVariable));
    return ip == container->environment.end() ? "" : ip->second;
}

std::vector<std::string> heartbeat_databases_of(const Survey& found) {
    std::vector<std::string> all;
    for (const auto& node : found.nodes) {
        if (!node.settings) continue;
        const std::string& name = node.settings->heartbeat_database;
        if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
    }
    return all;
}

void assign_duties(const Target& target,
                   const Survey& found,
                   std::vector<api::BeforeNode>& before) {
    for (const Region& region : regions_of(found)) {
        std::vector<std::size_t> managers;  // that a console and so the scripts run on
        for (const std::size_t node : region.nodes) {
            const Config& config = *found.nodes[node].settings;
            before[node].region = region.name;
            before[node].heartbeat_database = config.heartbeat_database;
            before[node].migrates_schema = false;
            before[node].upgrades_metadata = false;
            if (target.spec.nodes[node].role != api::Role::Component) managers.push_back(node);
        }
        if (managers.empty()) continue;
        const auto& listed = found.nodes[managers.front()].settings->cm_nodes;
        const auto first = std::find_if(managers.begin(), managers.end(), [&](std::size_t node) {
            return !listed.empty() && host_ip_of(target, found, node) == listed.front();
        });
        if (first != managers.end()) std::rotate(managers.begin(), first, first + 1);
        before[managers.front()].migrates_schema = true;
        std::set<std::set<std::string>> groups;
        for (const std::size_t node : managers)
            before[node].upgrades_metadata = groups.insert(neighbours(found, node)).second;
    }
}

}  // namespace oms::upgrade
