#include "upgrade/components.hpp"

#include "oms/version.hpp"
#include "upgrade/prechecks/rules.hpp"
#include "upgrade/site.hpp"

#include <set>

namespace oms::upgrade {
namespace {

/// The tool's container has one name on every host, as the procedure gives it, and its image is
/// removed when the host is done.
void have_hosts_of_their_own(const Target& target, Findings& all) {
    std::set<std::string> endpoints;
    for (const std::size_t node : kept_nodes(target)) {
        const std::string& endpoint = target.spec.nodes[node].docker.endpoint;
        if (endpoints.insert(endpoint).second) continue;
        add(all,
            "ComponentHosts",
            "two Component nodes are on one Docker host, " + endpoint,
            "with keepTasksRunning each component container needs a Docker host of its own");
    }
}

/// The procedure has this way for sources from 4.0.1 on, and the Community Edition documents
/// another.
void have_a_way(const Target& target, const Survey& found, Findings& all) {
    const auto from = source_version(target, found);
    if (!from || (!needs_schema_migration(*from) && !is_community(target.to))) return;
    add(all,
        "ComponentSource",
        "spec.keepTasksRunning is true, and the upgrade procedure has no way to keep tasks running "
        "from OMS " +
            to_string(*from),
        "leave keepTasksRunning and assistantImage out: all containers are stopped then, or ask "
        "OMS Technical Support");
}

}  // namespace

void tasks_can_be_kept(const Target& target, const Survey& found, Findings& all) {
    if (!target.spec.keep_tasks_running) return;
    const auto nodes = kept_nodes(target);
    if (nodes.empty()) {
        add(all,
            "ComponentNodes",
            "spec.keepTasksRunning is true, and no node has the role Component: all are stopped",
            "say which nodes are Component, or leave keepTasksRunning out");
        return;
    }
    have_a_way(target, found, all);
    have_hosts_of_their_own(target, all);
    const auto& archive = target.spec.assistant_image->archive;
    if (archive && found.assistant_bytes.value_or(0) == 0) {
        add(all,
            "AssistantArchive",
            "the archive " + *archive + " cannot be read on the operator's machine, or is empty",
            "put the package of the upgrade assistant tool there (OMS Technical Support has it)");
    }
    for (const std::size_t node : nodes) {
        const auto& container = found.nodes[node].container;
        if (!container) continue;
        add(all,
            "TasksInRollback",
            "the tasks of " + container->name + " on " + host_ip_of(target, found, node) +
                " go on while it is upgraded; a rollback would interrupt them for a moment, since "
                "its container is then made anew from the old image",
            "nothing has to be done",
            api::Severity::Info);
    }
}

}  // namespace oms::upgrade
