#include "upgrade/scripts.hpp"

#include "base/overloaded.hpp"
#include "oms/config.hpp"
#include "oms/names.hpp"
#include "oms/supervisor.hpp"
#include "upgrade/init_script.hpp"

namespace oms::upgrade {
namespace {

using namespace std::chrono_literals;

constexpr auto kWaitMax = 30s;
constexpr auto kPatience = 2s;  // with a script that runs, in one look

std::string last_line(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    if (text.empty()) return "";
    const std::size_t start = text.rfind('\n');
    return "; last line: " + text.substr(start == std::string::npos ? 0 : start + 1, 300);
}

bool ended_well(const runtime::JobState& job) {
    const auto* end = std::get_if<runtime::JobEnded>(&job);
    return end != nullptr && end->exit_code == 0;
}

Verdict judge_script(const Target& target, const Script& script, const runtime::JobState& job) {
    const std::string where = target.said(target.new_container(script.node), script.node);
    const std::string log = job_folder(target, script) + "/log in " + where;
    const std::string said =
        target.spec.nodes.size() == 1 ? script.said : script.said + " in " + where;
    return std::visit(
        Overloaded{
            [&](const runtime::JobNotBegun&) -> Verdict { return Due{said + " has not been run"}; },
            [&](const runtime::JobRunning&) -> Verdict { return Pending{said + " runs"}; },
            [&](const runtime::JobEnded& end) -> Verdict {
                if (end.exit_code == 0) return Done{};
                return Stuck{said + " ended with " + std::to_string(end.exit_code) +
                             "; its output is in " + log + last_line(end.log_tail)};
            },
            [&](const runtime::JobInterrupted&) -> Verdict {
                return Stuck{said +
                             " was interrupted, and it must not be run again; its output is "
                             "in " +
                             log};
            },
        },
        job);
}

}  // namespace

std::string job_folder(const Target& target, const Script& script) {
    return std::string(kLogsPath) + "/oms-operator/" + target.run_id + "/" +
           std::string(script.journal);
}

std::string without_passwords(const runtime::Host& host,
                              const std::string& container,
                              std::string text) {
    if (text.empty()) return text;
    const auto config = host.read_file(container, kConfigPath);
    const auto masked = config ? mask_values(*config, std::move(text)) : std::nullopt;
    return masked.value_or(
        "(not shown: config.yaml cannot be read, so nothing tells what to hide)");
}

ScriptsLook look_at_scripts(const Tools& tools, const Target& target, const Scripts& scripts) {
    ScriptsLook look;
    for (; look.next < scripts.size(); ++look.next) {
        const Script& script = scripts[look.next];
        const runtime::Host& host = tools.host(script.node);
        const auto container = host.find_container(target.new_container(script.node));
        look.running = container && container->running;
        look.job = container ? runtime::look_at_job(
                                   host, *container, job_folder(target, script), kPatience)
                             : runtime::JobNotBegun{};
        if (auto* end = std::get_if<runtime::JobEnded>(&look.job))
            end->log_tail = without_passwords(host, container->name, std::move(end->log_tail));
        if (!ended_well(look.job)) return look;
        if (script.leaves_marks)
            look.unfinished = unfinished_business(host, *container, job_folder(target, script));
        if (look.unfinished) return look;
    }
    return look;
}

Verdict judge_scripts(const Target& target, const Scripts& scripts, const ScriptsLook& look) {
    if (look.next == scripts.size()) return Done{};
    const Script& script = scripts[look.next];
    if (std::holds_alternative<runtime::JobNotBegun>(look.job) && !look.running) {
        return Stuck{target.said(target.new_container(script.node), script.node) + " does not run"};
    }
    if (look.unfinished) {
        return Stuck{script.said + " in " +
                     target.said(target.new_container(script.node), script.node) +
                     " ended with 0, but " + *look.unfinished};
    }
    return judge_script(target, script, look.job);
}

void begin_script(Tools& tools, const Target& target, const Script& script) {
    runtime::Host& host = tools.host(script.node);
    const auto container = host.find_container(target.new_container(script.node));
    if (!container) return;
    const std::string folder = job_folder(target, script);
    runtime::start_job(host, *container, folder, script.folder, script.command);
    // The daemon answers before the command has claimed its journal. Looked at too early, the
    // job would seem not begun, and the attempts be used up in a moment.
    wait_until(tools, [&] {
        const auto job = runtime::look_at_job(host, *container, folder);
        return !std::holds_alternative<runtime::JobNotBegun>(job);
    });
}

std::string shell_line(const Target& target, const Script& script) {
    std::string line = target.docker(script.node) + " exec -w " + script.folder + " " +
                       target.new_container(script.node);
    for (const auto& word : script.command) line += " " + word;
    return line + "   # once";
}

std::set<std::string> running_programs(const runtime::Host& host, const std::string& container) {
    std::set<std::string> running;
    const auto answer = host.ask(container, {"supervisorctl", "status"}, 10s);
    if (!answer) return running;
    for (const auto& program : parse_supervisor_status(answer->out))
        if (program.state == "RUNNING") running.insert(program.name);
    return running;
}

std::vector<std::size_t> console_nodes(const Target& target) {
    std::vector<std::size_t> nodes;
    for (std::size_t node = 0; node < target.spec.nodes.size(); ++node)
        if (target.spec.nodes[node].role != api::Role::Component) nodes.push_back(node);
    return nodes;
}

void wait_until(Tools& tools, const std::function<bool()>& is_so) {
    const Time end = tools.now() + kWaitMax;
    while (tools.now() < end && !tools.stop().stop_requested()) {
        if (is_so()) return;
        tools.wait(50ms);
    }
}

}  // namespace oms::upgrade
