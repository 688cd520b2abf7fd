#include "upgrade/health.hpp"

#include "base/error.hpp"
#include "oms/names.hpp"
#include "oms/supervisor.hpp"
#include "upgrade/components.hpp"
#include "upgrade/nodes.hpp"
#include "upgrade/separation.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace oms::upgrade {
namespace {

using namespace std::chrono_literals;

constexpr auto kBetweenLooks = 100ms;
constexpr auto kBetweenCalmLooks = 1s;

using Trouble = std::optional<std::string>;

Trouble first_of(const std::vector<Trouble>& troubles) {
    const auto first = std::find_if(troubles.begin(), troubles.end(), [](const Trouble& trouble) {
        return trouble.has_value();
    });
    return first == troubles.end() ? std::nullopt : *first;
}

Trouble trouble_of_console(const Target& target, const Tools& tools, std::size_t node) {
    const std::string name = target.new_container(node);
    const auto container = tools.host(node).find_container(name);
    if (!container || !container->running) return target.said(name, node) + " does not run";
    if (target.spec.nodes[node].role == api::Role::Component) return std::nullopt;
    if (!console_is_healthy(target, tools, node, *container))
        return "the console on " + target.host_ip(node) + " does not say that it is healthy";
    return std::nullopt;
}

Trouble trouble_of_programs(const Target& target, const Tools& tools, std::size_t node) {
    const std::string name = target.new_container(node);
    const auto answer = tools.host(node).ask(name, {"supervisorctl", "status"}, 10s);
    if (!answer) return target.said(name, node) + " does not run";
    const auto programs = parse_supervisor_status(answer->out);
    const auto waiting = target.spec.nodes[node].role == api::Role::Component
                             ? components_not_running(programs)
                             : programs_not_running(programs);
    if (!waiting.empty()) return "in " + target.said(name, node) + ": " + waiting.front();
    return std::nullopt;
}

Trouble trouble_in_meta_db(const Target& target, const Tools& tools) {
    const metadb::MetaDb& cm = cm_of_new_oms(target, tools);
    const auto hosts = cm.hosts(name_in_new_oms(target, target.cm_database()));
    std::map<std::string, std::vector<metadb::Beat>> beats;  // by heartbeat database
    for (const auto& database : target.heartbeat_databases())
        beats[database] = cm.supervisor_beats(name_in_new_oms(target, database));
    for (std::size_t node = 0; node < target.spec.nodes.size(); ++node) {
        const std::string ip = target.host_ip(node);
        const auto& mine = beats[target.before.nodes.at(node).heartbeat_database];
        if (auto trouble = trouble_of_host(hosts, mine, ip)) return trouble;
    }
    const auto text = tools.rm().oms_version(target.rm_database());
    const auto version = text ? parse_version(*text) : std::nullopt;
    if (version && !same_release(*version, target.to))
        return "MetaDB says version " + *text + ", not " + to_string(target.to);
    return std::nullopt;
}

/// Quickly: what costs OMS and its host next to nothing to be asked. Each time the programs are, a
/// process starts in the container.
enum class Look { Quickly, AtEverything };

/// All at the same time: OMS is down while it is looked at.
Trouble trouble_with(const Target& target, const Tools& tools, Look look) {
    const std::size_t nodes = target.spec.nodes.size();
    std::vector<Trouble> troubles(2 * nodes + 1);
    Jobs jobs;
    for (std::size_t node = 0; node < nodes; ++node) {
        jobs.emplace_back(
            [&, node] { troubles[2 * node] = trouble_of_console(target, tools, node); });
        if (look == Look::Quickly) continue;
        jobs.emplace_back(
            [&, node] { troubles[2 * node + 1] = trouble_of_programs(target, tools, node); });
    }
    jobs.emplace_back([&] { troubles.back() = trouble_in_meta_db(target, tools); });
    tools.at_once(jobs);
    return first_of(troubles);
}

}  // namespace

std::optional<std::string> trouble_in_looks(const Target& target, const Tools& tools, int looks) {
    if (auto trouble = trouble_with(target, tools, Look::Quickly)) return trouble;
    std::vector<Trouble> troubles(static_cast<std::size_t>(looks));
    Jobs jobs;
    for (int look = 0; look < looks; ++look) {
        jobs.emplace_back([&, look] {
            tools.wait(look * kBetweenLooks);
            troubles[static_cast<std::size_t>(look)] =
                trouble_with(target, tools, Look::AtEverything);
        });
    }
    tools.at_once(jobs);
    return first_of(troubles);
}

std::optional<std::string> trouble_within(const Target& target,
                                          const Tools& tools,
                                          std::chrono::milliseconds time) {
    const Time end = tools.now() + time;
    do {
        if (auto trouble = trouble_with(target, tools, Look::AtEverything)) return trouble;
        tools.wait(kBetweenCalmLooks);
        if (tools.stop().stop_requested()) throw Stopped{};
    } while (tools.now() < end);
    return std::nullopt;
}

}  // namespace oms::upgrade
