#include "upgrade/consoles.hpp"

#include "oms/names.hpp"
#include "oms/supervisor.hpp"
#include "upgrade/nodes.hpp"
#include "upgrade/scripts.hpp"

namespace oms::upgrade {
namespace {

using namespace std::chrono_literals;

const std::string kConsole(kConsoleProgram);

const std::string kRelease = "sed -i 's/^autostart *= *false/autostart = true/' " +
                             std::string(kConsoleIni) + " && supervisorctl start " + kConsole;

bool console_runs(const runtime::Host& host, const std::string& container) {
    return running_programs(host, container).contains(kConsole);
}

/// Empty: it runs, and will after a restart.
std::optional<std::string> why_held_back(const Tools& tools,
                                         const Target& target,
                                         std::size_t node) {
    const std::string name = target.new_container(node);
    const std::string where = target.said(name, node);
    const auto ini = tools.host(node).read_file(name, kConsoleIni);
    if (ini && !starts_by_itself(*ini)) return kConsole + " of " + where + " is not set to start";
    if (!console_runs(tools.host(node), name)) return kConsole + " of " + where + " does not run";
    return std::nullopt;
}

}  // namespace

std::vector<std::set<std::string>> programs_on(const Tools& tools,
                                               const Target& target,
                                               const std::vector<std::size_t>& nodes) {
    std::vector<std::set<std::string>> programs(nodes.size());
    at_nodes(target, tools, nodes, [&](std::size_t index) {
        const std::size_t node = nodes[index];
        programs[index] = running_programs(tools.host(node), target.new_container(node));
    });
    return programs;
}

void stop_consoles(Tools& tools, const Target& target, const std::vector<std::size_t>& nodes) {
    at_nodes(target, tools, nodes, [&](std::size_t index) {
        runtime::Host& host = tools.host(nodes[index]);
        const std::string name = target.new_container(nodes[index]);
        if (!console_runs(host, name)) return;
        host.launch(name, {"supervisorctl", "stop", kConsole});
        wait_until(tools, [&] { return !console_runs(host, name); });
    });
}

std::optional<std::string> console_held_back(const Tools& tools,
                                             const Target& target,
                                             const std::vector<std::size_t>& nodes) {
    std::vector<std::optional<std::string>> reasons(nodes.size());
    at_nodes(target, tools, nodes, [&](std::size_t index) {
        reasons[index] = why_held_back(tools, target, nodes[index]);
    });
    for (const auto& reason : reasons)
        if (reason) return reason;
    return std::nullopt;
}

void release_consoles(Tools& tools, const Target& target, const std::vector<std::size_t>& nodes) {
    at_nodes(target, tools, nodes, [&](std::size_t index) {
        const std::size_t node = nodes[index];
        if (!why_held_back(tools, target, node)) return;
        tools.host(node).launch(target.new_container(node), {"sh", "-c", kRelease});
        wait_until(tools, [&] { return !why_held_back(tools, target, node); });
    });
}

std::vector<std::string> release_lines(const Target& target,
                                       const std::vector<std::size_t>& nodes) {
    std::vector<std::string> lines;
    lines.reserve(nodes.size());
    for (const std::size_t node : nodes) {
        lines.push_back(target.docker(node) + " exec " + target.new_container(node) + " sh -c \"" +
                        kRelease + "\"");
    }
    return lines;
}

}  // namespace oms::upgrade
