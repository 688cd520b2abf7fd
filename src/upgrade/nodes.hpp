#pragma once

#include "oms/config.hpp"
#include "upgrade/target.hpp"
#include "upgrade/tools.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace oms::upgrade {

/// Calls `work` for each of these nodes, all at once (Tools::at_once), with its index in `nodes`.
/// Where the OMS has several nodes, what it throws says on which one.
void at_nodes(const Target&,
              const Tools&,
              const std::vector<std::size_t>& nodes,
              const std::function<void(std::size_t index)>& work);

/// The same for every node.
void for_each_node(const Target&, const Tools&, const std::function<void(std::size_t node)>& work);

/// What `look` finds on every node, looked at all at once.
template <class Look>
auto look_at_nodes(const Target& target, const Tools& tools, const Look& look) {
    std::vector<decltype(look(std::size_t{0}))> found(target.spec.nodes.size());
    for_each_node(target, tools, [&](std::size_t node) { found[node] = look(node); });
    return found;
}

/// Loads an image from its archive, or pulls it, unless the node has it with the id asked for.
/// `Wanted`: api::ImageSpec, api::AssistantImageSpec.
template <class Wanted>
void bring_image(Tools& tools, std::size_t node, const Wanted& wanted) {
    runtime::Host& host = tools.host(node);
    const auto image = host.find_image(wanted.reference);
    if (image && (!wanted.id || image->id == *wanted.id)) return;
    if (wanted.archive) {
        host.load_image(*wanted.archive, tools.report(), tools.stop());
    } else {
        host.pull_image(wanted.reference, tools.registry_login(), tools.report(), tools.stop());
    }
}

/// Does the console of the node's container say that it is healthy (oms-facts 5.1)?
bool console_is_healthy(const Target&, const Tools&, std::size_t node, const runtime::Container&);

/// The same of the console at `ip`, of a container with this config.yaml.
bool console_is_healthy(const Tools&,
                        std::size_t node,
                        const runtime::Container&,
                        const std::string& ip,
                        const Config&);

/// Where that console is. Empty when it would speak HTTPS, and its certificate cannot be read:
/// whoever answers there, it is not this OMS.
std::optional<Console> console_of(const Tools&,
                                  std::size_t node,
                                  const runtime::Container&,
                                  const std::string& ip,
                                  const Config&);

/// What must be known of a node's old container to go back to it.
void record_container(api::BeforeNode&, const runtime::Container&);

/// "always", "on-failure:3", as `docker update --restart` reads it.
std::string format_policy(const runtime::RestartPolicy&);
runtime::RestartPolicy parse_policy(const std::string&);

/// The connection that holds a database: rm, or cm for all the others.
metadb::MetaDb& server_of(const Target&, Tools&, const std::string& database);
const metadb::MetaDb& server_of(const Target&, const Tools&, const std::string& database);

/// config.yaml as a node's old container sees it. Terminal when it is not there.
std::string config_of(const Target&, const Tools&, std::size_t node);

}  // namespace oms::upgrade
