#include "upgrade/nodes.hpp"

#include "base/error.hpp"
#include "oms/config.hpp"
#include "oms/health.hpp"
#include "oms/names.hpp"
#include "upgrade/https.hpp"

#include <charconv>
#include <numeric>

namespace oms::upgrade {
namespace {

/// A reader with many nodes must learn which one it is.
template <class Work>
void naming_the_node(const Target& target, std::size_t node, const Work& work) {
    const std::string ip = target.host_ip(node);
    const std::string where = ip.empty() ? target.spec.nodes[node].docker.endpoint : ip;
    const auto named = [&](const Failure& failure) {
        const std::string what = failure.what();
        return what.find(where) == std::string::npos ? "on " + where + ": " + what : what;
    };
    try {
        work();
    } catch (const Transient& failure) {
        throw Transient(named(failure));
    } catch (const Terminal& failure) {
        throw Terminal(named(failure));
    }
}

}  // namespace

void at_nodes(const Target& target,
              const Tools& tools,
              const std::vector<std::size_t>& nodes,
              const std::function<void(std::size_t index)>& work) {
    if (nodes.empty()) return;
    const bool several = target.spec.nodes.size() > 1;
    Jobs jobs;
    for (std::size_t index = 0; index < nodes.size(); ++index) {
        jobs.emplace_back([&, index] {
            if (!several) return work(index);
            naming_the_node(target, nodes[index], [&] { work(index); });
        });
    }
    tools.at_once(jobs);
}

void for_each_node(const Target& target,
                   const Tools& tools,
                   const std::function<void(std::size_t node)>& work) {
    std::vector<std::size_t> nodes(target.spec.nodes.size());
    std::iota(nodes.begin(), nodes.end(), std::size_t{0});
    at_nodes(target, tools, nodes, work);
}

bool console_is_healthy(const Target& target,
                        const Tools& tools,
                        std::size_t node,
                        const runtime::Container& container) {
    return console_is_healthy(
        tools, node, container, target.host_ip(node), parse_config(config_of(target, tools, node)));
}

bool console_is_healthy(const Tools& tools,
                        std::size_t node,
                        const runtime::Container& container,
                        const std::string& ip,
                        const Config& config) {
    const auto console = console_of(tools, node, container, ip, config);
    if (!console) return false;
    const auto body = tools.http_get(console->url + std::string(kHealthPath), console->certificate);
    return body && is_healthy(*body);
}

std::optional<Console> console_of(const Tools& tools,
                                  std::size_t node,
                                  const runtime::Container& container,
                                  const std::string& ip,
                                  const Config& config) {
    const std::string place = "://" + ip + ":" + std::to_string(config.ports.console);
    if (!speaks_https(container)) return Console{"http" + place, ""};
    const auto shown = shown_certificate(tools.host(node), container);
    if (!shown) return std::nullopt;
    return Console{"https" + place, *shown};
}

void record_container(api::BeforeNode& node, const runtime::Container& container) {
    node.container = container.name;
    node.container_id = container.id;
    node.image = container.image;
    node.image_id = container.image_id;
    node.restart_policy = format_policy(container.restart);
    node.was_running = container.running;
    node.mounts.clear();
    for (const auto& mount : container.mounts)
        node.mounts.push_back({.source = mount.source, .target = mount.target});
    const auto ip = container.environment.find(std::string(kHostIpVariable));
    if (ip != container.environment.end()) node.host_ip = ip->second;
}

std::string format_policy(const runtime::RestartPolicy& policy) {
    if (policy.name == "on-failure" && policy.retries_max > 0)
        return policy.name + ":" + std::to_string(policy.retries_max);
    return policy.name.empty() ? "no" : policy.name;
}

runtime::RestartPolicy parse_policy(const std::string& text) {
    const std::size_t colon = text.find(':');
    runtime::RestartPolicy policy{.name = text.substr(0, colon)};
    if (colon != std::string::npos)
        std::from_chars(text.data() + colon + 1, text.data() + text.size(), policy.retries_max);
    return policy;
}

metadb::MetaDb& server_of(const Target& target, Tools& tools, const std::string& database) {
    return database == target.rm_database() ? tools.rm() : tools.cm();
}

const metadb::MetaDb& server_of(const Target& target,
                                const Tools& tools,
                                const std::string& database) {
    return database == target.rm_database() ? tools.rm() : tools.cm();
}

std::string config_of(const Target& target, const Tools& tools, std::size_t node) {
    const std::string& container = target.spec.nodes.at(node).container;
    const auto text = tools.host(node).read_file(container, kConfigPath, kConfigBytesMax);
    if (!text) {
        throw Terminal("the container " + container + " has no " + std::string(kConfigPath) +
                       "; is it an OMS container, and is its config.yaml still mounted?");
    }
    return *text;
}

}  // namespace oms::upgrade
