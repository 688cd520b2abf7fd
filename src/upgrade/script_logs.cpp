#include "upgrade/script_logs.hpp"

#include "base/error.hpp"
#include "base/overloaded.hpp"
#include "upgrade/assistant.hpp"
#include "upgrade/phases/migrate_schema.hpp"
#include "upgrade/phases/upgrade_metadata.hpp"

#include <optional>
#include <variant>

namespace oms::upgrade {
namespace {

Scripts all_scripts(const Target& target) {
    Scripts all;
    const auto add = [&](const Scripts& more) { all.insert(all.end(), more.begin(), more.end()); };
    for (std::size_t node = 0; node < target.spec.nodes.size(); ++node)
        if (target.keeps_running(node)) add(component_scripts(node));
    if (target.migrates_schema()) add(MigrateSchema::scripts(target));
    add(UpgradeMetadata::scripts(target));
    return all;
}

/// The new container, or after a rollback the old one.
std::optional<runtime::Container> container_of(const runtime::Host& host,
                                               const Target& target,
                                               std::size_t node) {
    if (auto found = host.find_container(target.new_container(node))) return found;
    return host.find_container(target.spec.nodes.at(node).container);
}

std::string state_of(const runtime::JobState& job) {
    return std::visit(
        Overloaded{
            [](const runtime::JobNotBegun&) -> std::string { return "was not begun"; },
            [](const runtime::JobRunning&) -> std::string { return "runs"; },
            [](const runtime::JobEnded& end) {
                return "ended with " + std::to_string(end.exit_code);
            },
            [](const runtime::JobInterrupted&) -> std::string { return "was interrupted"; },
        },
        job);
}

}  // namespace

std::vector<ScriptLog> read_script_logs(const api::OmsUpgrade& resource, Outside& outside) {
    const Target target = make_target(resource);
    std::vector<ScriptLog> logs;
    for (const auto& script : all_scripts(target)) {
        const runtime::Host& host = outside.host(script.node);
        const auto container = container_of(host, target, script.node);
        if (!container) continue;
        const std::string folder = job_folder(target, script);
        const auto job = runtime::look_at_job(host, *container, folder);
        if (std::holds_alternative<runtime::JobNotBegun>(job)) continue;
        const auto text = host.read_file(container->name, folder + "/log", kScriptLogBytesMax);
        logs.push_back({.script = script.said,
                        .container = target.said(container->name, script.node),
                        .state = state_of(job),
                        .text = without_passwords(host, container->name, text.value_or(""))});
    }
    return logs;
}

}  // namespace oms::upgrade
