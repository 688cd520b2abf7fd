#include "upgrade/assistant.hpp"

#include "base/error.hpp"
#include "base/sha256.hpp"
#include "upgrade/components.hpp"
#include "upgrade/nodes.hpp"

#include <chrono>

namespace oms::upgrade {
namespace {

using namespace std::chrono_literals;

constexpr auto kGrace = 60s;
constexpr std::string_view kJournal = "UpgradeComponents";

/// Which run made the tool's container, or put a component container back.
constexpr std::string_view kToolLabel = "oms.oceanbase.com/upgrade-tool-of";
constexpr std::string_view kPutBackLabel = "oms.oceanbase.com/put-back-by";

bool is_labelled(const runtime::Container& container,
                 std::string_view label,
                 const std::string& run_id) {
    const auto at = container.labels.find(std::string(label));
    return at != container.labels.end() && at->second == run_id;
}

std::string said(const Target& target, std::size_t node) {
    return target.said(target.spec.nodes.at(node).container, node);
}

/// The host's folder behind /home/ds/run (procedure, "Parse the corresponding host directory").
std::string run_folder(const Target& target, std::size_t node) {
    for (const auto& mount : target.before.nodes.at(node).mounts)
        if (mount.target == kRunPath) return mount.source;
    throw Terminal(said(target, node) + " has nothing mounted at " + std::string(kRunPath) +
                   ", where the upgrade assistant tool would put its files");
}

runtime::Helper tool_of(const Target& target, std::size_t node) {
    return {.name = std::string(kToolContainer),
            .image = target.spec.assistant_image->reference,
            .bind = {run_folder(target, node) + "/rpm", std::string(kToolPath)},
            .labels = {{std::string(kToolLabel), target.run_id}}};
}

void look_forward(const Tools& tools, const Target& target, ComponentLook& look) {
    const runtime::Host& host = tools.host(look.node);
    const std::string& reference = target.spec.assistant_image->reference;
    look.image_is_left = host.find_image(reference) && !host.image_is_used(reference);
    if (!look.container) return;
    const std::string file =
        std::string(kComponentScriptFolder) + "/" + std::string(kComponentScript);
    look.has_payload = host.read_file(look.container->name, file).has_value();
    if (look.script.next > 0) look.trouble = trouble_of_component(target, tools, look.node);
}

/// Before the script: the tool must have put its files where the container sees them.
Verdict judge_tool(const Target& target, const ComponentLook& look) {
    const std::string tool = target.said(std::string(kToolContainer), look.node);
    if (!look.tool) return Due{tool + " is not there"};
    if (!is_labelled(*look.tool, kToolLabel, target.run_id)) {
        // One that an earlier run left is taken away; any other is a person's.
        if (look.tool->labels.contains(std::string(kToolLabel)))
            return Due{tool + " is of an earlier run"};
        return Stuck{"a container " + tool + " that this upgrade did not make is there; remove it"};
    }
    if (look.tool->running) return Pending{tool + " puts its files in place"};
    if (look.tool->state != "exited") return Due{tool + " is " + look.tool->state};
    if (look.tool->exit_code != 0) {
        return Stuck{tool + " ended with " + std::to_string(look.tool->exit_code) +
                     "; see its output with docker logs"};
    }
    if (!look.has_payload) {
        return Stuck{tool + " has put no " + std::string(kComponentScript) + " into " +
                     std::string(kComponentScriptFolder) + " of " + said(target, look.node)};
    }
    return Done{};
}

bool is_begun(const ScriptsLook& script) {
    return script.next > 0 || !std::holds_alternative<runtime::JobNotBegun>(script.job);
}

/// The script is launched once the tool has ended, and claims its journal a moment later: from then
/// on it may be about to begin.
bool may_be_launched(const Target& target, const ComponentLook& look) {
    return look.tool && is_labelled(*look.tool, kToolLabel, target.run_id) &&
           look.tool->state == "exited" && look.tool->exit_code == 0;
}

/// The journal lies on a mount, so either of the two containers shows it.
bool was_begun(const Tools& tools, const Target& target, const ComponentLook& look) {
    if (may_be_launched(target, look)) return true;
    const auto& container = look.container ? look.container : look.aside;
    if (!container) return false;
    const std::string begun = job_folder(target, component_scripts(look.node).front()) + "/begun";
    return tools.host(look.node).read_file(container->name, begun).has_value();
}

void begin_tool(Tools& tools, const Target& target, const ComponentLook& look) {
    runtime::Host& host = tools.host(look.node);
    const runtime::Helper wanted = tool_of(target, look.node);
    const bool of_another_run = look.tool && !look.tool->running &&
                                look.tool->labels.contains(std::string(kToolLabel)) &&
                                !is_labelled(*look.tool, kToolLabel, target.run_id);
    if (of_another_run) host.remove(wanted.name);
    host.create(wanted);
    host.start(wanted.name);
}

/// Only what is ours, and only when it has ended.
void remove_tool(Tools& tools, const Target& target, const ComponentLook& look) {
    if (!look.tool || !is_labelled(*look.tool, kToolLabel, target.run_id)) return;
    runtime::Host& host = tools.host(look.node);
    host.stop(look.tool->name, kGrace, tools.stop());
    host.remove(look.tool->name);
}

/// The old image by its name, for whoever reads `docker ps`; by its id where the name has moved on.
std::string old_image(const runtime::Host& host, const api::BeforeNode& before) {
    const auto named = host.find_image(before.image);
    return named && named->id == before.image_id ? before.image : before.image_id;
}

}  // namespace

Scripts component_scripts(std::size_t node) {
    return {{.node = node,
             .journal = kJournal,
             .said = std::string(kComponentScript),
             .command = {"sh", std::string(kComponentScript)},
             .folder = std::string(kComponentScriptFolder)}};
}

std::string aside_name(const Target& target, std::size_t node) {
    return target.spec.nodes.at(node).container.substr(0, 80) + ".touched-" +
           sha256_hex(target.run_id).substr(0, 8);
}

AssistantImages look_at_assistant_images(const Tools& tools, const Target& target) {
    using Found = std::optional<AssistantImage>;
    return look_at_nodes(target, tools, [&](std::size_t node) -> Found {
        if (!target.keeps_running(node)) return std::nullopt;
        const runtime::Host& host = tools.host(node);
        return AssistantImage{host.find_image(target.spec.assistant_image->reference),
                              host.info().architecture};
    });
}

Verdict judge_assistant_image(const Target& target, std::size_t node, const AssistantImage& found) {
    const api::AssistantImageSpec& wanted = *target.spec.assistant_image;
    const std::string name = target.said(wanted.reference, node);
    if (!found.image) return Due{"the assistant image " + name + " is not there"};
    if (wanted.id && found.image->id != *wanted.id) {
        return Due{"the assistant image " + name + " has the id " + found.image->id +
                   ", and spec.assistantImage.id asks for " + *wanted.id};
    }
    const std::string& built_for = found.image->architecture;
    if (!built_for.empty() && built_for != found.host_architecture) {
        return Stuck{"the assistant image " + name + " is for " + built_for + ", the host is " +
                     found.host_architecture + "; use the package for " + found.host_architecture};
    }
    return Done{};
}

ComponentLook look_at_component(const Tools& tools,
                                const Target& target,
                                std::size_t node,
                                Goal goal) {
    const runtime::Host& host = tools.host(node);
    ComponentLook look{.node = node};
    look.container = host.find_container(target.spec.nodes[node].container);
    look.tool = host.find_container(kToolContainer);
    if (goal == Goal::Applied) {
        look.script = look_at_scripts(tools, target, component_scripts(node));
        look.begun = is_begun(look.script);
        look_forward(tools, target, look);
        return look;
    }
    look.aside = host.find_container(aside_name(target, node));
    look.begun = was_begun(tools, target, look);
    const bool should_work = look.container && look.container->running;
    if (should_work) look.trouble = trouble_of_component(target, tools, node);
    return look;
}

Verdict judge_upgraded(const Target& target, const ComponentLook& look) {
    if (!look.begun && look.container && look.container->running) {
        Verdict tool = judge_tool(target, look);
        if (!std::holds_alternative<Done>(tool)) return tool;
    }
    Verdict script = judge_scripts(target, component_scripts(look.node), look.script);
    if (!std::holds_alternative<Done>(script)) return script;
    if (look.trouble) return Pending{*look.trouble};
    const bool tool_is_left = look.tool && is_labelled(*look.tool, kToolLabel, target.run_id);
    if (tool_is_left || look.image_is_left)
        return Due{"the upgrade assistant tool is still on " + target.host_ip(look.node)};
    return Done{};
}

Verdict judge_put_back(const Target& target, const ComponentLook& look) {
    const std::string name = said(target, look.node);
    const api::BeforeNode& before = target.before.nodes.at(look.node);
    if (look.tool && is_labelled(*look.tool, kToolLabel, target.run_id))
        return Due{target.said(std::string(kToolContainer), look.node) + " is still there"};
    if (!look.container) {
        if (look.aside) return Due{name + " is set aside, and not yet put back"};
        return Stuck{"the container " + name + " is gone; it is needed to go back"};
    }
    const bool original = look.container->id == before.container_id;
    if (original && look.begun)
        return Due{name + " was touched by " + std::string(kComponentScript)};
    if (!original && !is_labelled(*look.container, kPutBackLabel, target.run_id))
        return Stuck{"a container " + name + " that this upgrade did not make is there"};
    if (before.was_running && !look.container->running)
        return Due{name + " is " + look.container->state};
    if (format_policy(look.container->restart) != before.restart_policy)
        return Due{name + " has not its old restart policy"};
    if (before.was_running && look.trouble) return Pending{*look.trouble};
    return Done{};
}

void upgrade_component(Tools& tools, const Target& target, std::size_t node) {
    const ComponentLook look = look_at_component(tools, target, node, Goal::Applied);
    if (!look.begun) {
        const Verdict tool = judge_tool(target, look);
        if (std::holds_alternative<Due>(tool)) begin_tool(tools, target, look);
        if (std::holds_alternative<Done>(tool))
            begin_script(tools, target, component_scripts(node).front());
        return;
    }
    if (look.script.next == 0) return;
    remove_tool(tools, target, look);
    const std::string& reference = target.spec.assistant_image->reference;
    const runtime::Host& host = tools.host(node);
    if (host.find_image(reference) && !host.image_is_used(reference))
        tools.host(node).remove_image(reference);
}

void put_component_back(Tools& tools, const Target& target, std::size_t node) {
    const api::BeforeNode& before = target.before.nodes.at(node);
    const ComponentLook look = look_at_component(tools, target, node, Goal::Reverted);
    runtime::Host& host = tools.host(node);
    const std::string aside = aside_name(target, node);
    const bool touched = look.container && look.begun && look.container->id == before.container_id;
    if (touched) {
        host.set_restart_policy(before.container, {.name = "no"});
        host.stop(before.container, kGrace, tools.stop());
        host.rename(before.container, aside);
    }
    if (touched || (!look.container && look.aside)) {
        host.create(runtime::Successor{.name = before.container,
                                       .of = aside,
                                       .image = old_image(host, before),
                                       .environment = {},
                                       .labels = {{std::string(kPutBackLabel), target.run_id}},
                                       .restart = parse_policy(before.restart_policy)});
    }
    // Last, as it tells that the script may have been launched.
    remove_tool(tools, target, look);
    if (before.was_running) host.start(before.container);
    host.set_restart_policy(before.container, parse_policy(before.restart_policy));
}

std::vector<std::string> component_lines(const Target& target, std::size_t node) {
    const std::string docker = target.docker(node);
    const std::string tool(kToolContainer);
    const std::string& image = target.spec.assistant_image->reference;
    std::string folder = "<host folder of " + std::string(kRunPath) + ">";
    if (node < target.before.nodes.size()) {
        for (const auto& mount : target.before.nodes[node].mounts)
            if (mount.target == kRunPath) folder = mount.source;
    }
    return {docker + " run -d -v " + folder + "/rpm:" + std::string(kToolPath) + " --name " + tool +
                " " + image,
            docker + " wait " + tool,
            shell_line(target, component_scripts(node).front()),
            docker + " rm " + tool,
            docker + " rmi " + image};
}

}  // namespace oms::upgrade
