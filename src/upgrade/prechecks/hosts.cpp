#include "oms/names.hpp"
#include "upgrade/prechecks/rules.hpp"

#include <set>

namespace oms::upgrade {
namespace {

void mounts_of(const NodeSurvey& node, Findings& all) {
    std::set<std::string> targets;
    for (const auto& mount : node.container->mounts) targets.insert(mount.target);
    std::vector<std::string> wanted{std::string(kConfigPath)};
    wanted.insert(wanted.end(), kDataPaths.begin(), kDataPaths.end());
    for (const auto& path : wanted) {
        const bool parent = targets.contains(path.substr(0, path.rfind('/')));
        if (targets.contains(path) || parent) continue;
        add(all,
            "Mounts",
            node.container->name + " has nothing mounted at " + path +
                ": what is there would be lost with the container",
            "mount it from the host first (procedure, docker run)");
    }
    for (const auto& [path, writable] : node.writable) {
        if (writable) continue;
        add(all,
            "Mounts",
            path + " in " + node.container->name + " is not writable",
            "mend the mount or its disk");
    }
}

/// Did it end because somebody asked it to? 0 of its own accord, 128 and the signal where it was
/// ended by SIGTERM, or by SIGKILL after the grace.
bool was_stopped(const runtime::Container& container) {
    const int code = container.exit_code;
    return container.state == "exited" && container.finished_at &&
           (code == 0 || code == 143 || code == 137);
}

std::string why_not_healthy(const NodeSurvey& node) {
    if (node.trouble) return " is not well: " + *node.trouble;
    std::string silent = " does not say that it is healthy";
    if (node.https.empty()) return silent;
    return silent + " (asked over HTTPS, where it must show the certificate that is mounted)";
}

}  // namespace

std::string entry_of(const Target& target, std::size_t node) {
    if (!target.is_discovered(node)) return "spec.nodes[" + std::to_string(node) + "]";
    return "an entry of spec.nodes for " + target.spec.nodes[node].docker.endpoint;
}

void hosts_answer(const Target& target, const Survey& found, Findings& all) {
    for (std::size_t node = 0; node < found.nodes.size(); ++node) {
        const auto& error = found.nodes[node].error;
        if (!error) continue;
        const std::string endpoint = "endpoint " + target.spec.nodes[node].docker.endpoint;
        add(all,
            "DockerReachable",
            error->what,
            target.is_discovered(node)
                ? "check spec.discovery: " + endpoint +
                      " was made from its pattern; a node that is reached otherwise belongs into "
                      "spec.nodes; if OMS does not run there any more, list all nodes in "
                      "spec.nodes, without spec.discovery, and waive Nodes"
                : "check " + entry_of(target, node) + ".docker: " + endpoint);
    }
}

void containers_run(const Target& target, const Survey& found, Findings& all) {
    for (std::size_t node = 0; node < found.nodes.size(); ++node) {
        const NodeSurvey& here = found.nodes[node];
        if (here.error) continue;
        const std::string& name = target.spec.nodes[node].container;
        const std::string where = " on " + target.spec.nodes[node].docker.endpoint;
        if (!here.container) {
            add(all,
                "ContainerExists",
                "there is no container " + name + where,
                "name the container that runs OMS now in " + entry_of(target, node) +
                    ".container (docker ps)");
        } else if (was_stopped(*here.container)) {
            const std::string when = to_rfc3339(*here.container->finished_at);
            add(all,
                "OmsStopped",
                "the container " + name + where + " was stopped at " + when +
                    ", and nobody can say whether it was well; the upgrade goes on from there, and "
                    "counts its downtime from then on",
                "nothing, if that was the first step of this upgrade; a rollback leaves it "
                "stopped, as it was found: start it then",
                api::Severity::Warning);
        } else if (!here.container->running) {
            add(all,
                "OmsHealthy",
                "the container " + name + where + " is " + here.container->state,
                "start it, so that its health can be seen, or waive OmsHealthy");
        } else if (here.config && !here.healthy) {
            add(all,
                "OmsHealthy",
                "OMS in " + name + where + why_not_healthy(here),
                "mend it before it is upgraded (supervisorctl status in the container), or waive "
                "OmsHealthy");
        }
    }
}

void new_name_is_free(const Target& target, const Survey& found, Findings& all) {
    for (std::size_t node = 0; node < found.nodes.size(); ++node) {
        const auto& taken = found.nodes[node].successor;
        if (!taken) continue;
        const std::string name = target.new_container(node);
        if (name == target.spec.nodes[node].container) {
            add(all,
                "NewContainerName",
                "the new container would have the name of the old one, " + name,
                "say another name in " + entry_of(target, node) + ".newContainer");
        } else if (is_of_new_version(target, found.nodes[node], *taken)) {
            continue;  // BegunByHand says more of it: another name would be no remedy
        } else if (taken->running || !taken->labels.contains("oms.oceanbase.com/run")) {
            add(all,
                "NewContainerName",
                "there is a container " + name + " already, and this operator did not make it",
                "remove it, or say another name in " + entry_of(target, node) + ".newContainer");
        }
    }
}

void mounts_are_there(const Target&, const Survey& found, Findings& all) {
    for (const auto& node : found.nodes)
        if (node.container) mounts_of(node, all);
}

}  // namespace oms::upgrade
