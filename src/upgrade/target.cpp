#include "upgrade/target.hpp"

#include "base/error.hpp"
#include "oms/names.hpp"

namespace oms::upgrade {
namespace {

/// What may be edited while a run is in flight (design, section 3).
api::Spec with_live_answers(api::Spec pinned, const api::Spec& now) {
    pinned.approval = now.approval;
    pinned.paused = now.paused;
    pinned.maintenance_window = now.maintenance_window;
    pinned.rollback.requested = now.rollback.requested;
    return pinned;
}

std::vector<std::size_t> nodes_with(const std::vector<api::BeforeNode>& nodes,
                                    bool api::BeforeNode::*duty) {
    std::vector<std::size_t> chosen;
    for (std::size_t node = 0; node < nodes.size(); ++node)
        if (nodes[node].*duty) chosen.push_back(node);
    return chosen;
}

}  // namespace

bool Target::is_discovered(std::size_t node) const {
    return node + discovered_nodes >= spec.nodes.size();
}

bool Target::keeps_running(std::size_t node) const {
    return spec.keep_tasks_running && spec.nodes.at(node).role == api::Role::Component;
}

std::string Target::new_container(std::size_t node) const {
    if (keeps_running(node)) return spec.nodes.at(node).container;
    return spec.nodes.at(node).new_container.value_or(default_container_name(to));
}

std::string Target::host_ip(std::size_t node) const {
    if (spec.nodes.at(node).host_ip) return *spec.nodes[node].host_ip;
    return node < before.nodes.size() ? before.nodes[node].host_ip : "";
}

bool Target::splits_config() const {
    const auto oat = spec.oat_version ? parse_version(*spec.oat_version) : std::nullopt;
    return from && needs_config_split(*from, to, oat);
}

bool Target::migrates_schema() const {
    return from && needs_schema_migration(*from);
}

std::vector<std::size_t> Target::schema_nodes() const {
    return nodes_with(before.nodes, &api::BeforeNode::migrates_schema);
}

std::vector<std::size_t> Target::metadata_nodes() const {
    return nodes_with(before.nodes, &api::BeforeNode::upgrades_metadata);
}

std::string Target::said(const std::string& container, std::size_t node) const {
    return spec.nodes.size() == 1 ? container : container + " on " + host_ip(node);
}

std::string Target::docker(std::size_t node) const {
    return spec.nodes.size() == 1 ? "docker" : "docker -H " + spec.nodes[node].docker.endpoint;
}

std::vector<std::string> Target::heartbeat_databases() const {
    return before.databases.size() <= 2
               ? std::vector<std::string>{}
               : std::vector<std::string>(before.databases.begin() + 2, before.databases.end());
}

Target make_target(const api::OmsUpgrade& resource) {
    if (!resource.status.run)
        throw Terminal("the upgrade " + resource.key.name + " has not begun a run");
    const api::Run& run = *resource.status.run;
    const auto to = parse_version(run.spec.target_version);
    if (!to) {
        throw Terminal("spec.targetVersion is '" + run.spec.target_version +
                       "', which is no version; it must read like 4.3.1");
    }
    return {.run_id = run.id,
            .spec = with_live_answers(run.spec, resource.spec),
            .discovered_nodes = static_cast<std::size_t>(run.discovered_nodes),
            .before = resource.status.before,
            .times = resource.status.times,
            .backup = resource.status.backup,
            .new_oms_was_started = resource.status.new_oms_was_started,
            .last_duration = resource.status.last_duration_seconds,
            .to = *to,
            .from = parse_version(resource.status.before.version)};
}

}  // namespace oms::upgrade
