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

}  // namespace

void hosts_answer(const Target& target, const Survey& found, Findings& all) {
    for (std::size_t node = 0; node < found.nodes.size(); ++node) {
        if (const auto& error = found.nodes[node].error) {
            add(all,
                "DockerReachable",
                error->what,
                "check spec.nodes[" + std::to_string(node) + "].docker: endpoint " +
                    target.spec.nodes[node].docker.endpoint);
        }
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
                "name the container that runs OMS now in spec.nodes[" + std::to_string(node) +
                    "].container (docker ps)");
        } else if (!here.container->running) {
            add(all,
                "OmsHealthy",
                "the container " + name + where + " is " + here.container->state,
                "start it, so that its health can be seen, or waive OmsHealthy");
        } else if (here.config && !here.healthy) {
            add(all,
                "OmsHealthy",
                "OMS in " + name + where +
                    (here.trouble ? " is not well: " + *here.trouble
                                  : " does not say that it is healthy"),
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
                "say another name in spec.nodes[" + std::to_string(node) + "].newContainer");
        } else if (taken->running || !taken->labels.contains("oms.oceanbase.com/run")) {
            add(all,
                "NewContainerName",
                "there is a container " + name + " already, and this operator did not make it",
                "remove it, or say another name in spec.nodes[" + std::to_string(node) +
                    "].newContainer");
        }
    }
}

void mounts_are_there(const Target&, const Survey& found, Findings& all) {
    for (const auto& node : found.nodes)
        if (node.container) mounts_of(node, all);
}

}  // namespace oms::upgrade
