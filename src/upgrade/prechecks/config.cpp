#include "base/error.hpp"
#include "oms/names.hpp"
#include "upgrade/prechecks/rules.hpp"

namespace oms::upgrade {
namespace {

/// Says what a version would not take of a config.yaml.
void hold_config(const std::string& text,
                 const Version& version,
                 const std::string& named,
                 Findings& all) {
    for (const auto& problem : check_config(text, version)) {
        add(all,
            "Config",
            named + ": " + (problem.key.empty() ? "" : problem.key + ": ") + problem.what,
            problem.remedy);
    }
}

void config_of_node(const Target& target,
                    const Version& from,
                    const NodeSurvey& node,
                    Findings& all) {
    const std::size_t before = all.size();
    hold_config(*node.config, from, "config.yaml of " + node.container->name, all);
    if (all.size() != before || !target.splits_config()) return;
    try {
        hold_config(split_meta_keys(*node.config),
                    target.to,
                    "config.yaml as it would be for " + to_string(target.to),
                    all);
    } catch (const Terminal& error) {
        add(all, "Config", error.what(), "write the oms_meta_* keys one a line");
    }
}

}  // namespace

void config_is_valid(const Target& target, const Survey& found, Findings& all) {
    const auto from = source_version(target, found);
    for (const auto& node : found.nodes) {
        if (!node.container) continue;
        if (!node.config) {
            add(all,
                "Config",
                node.container->name + " has no " + std::string(kConfigPath),
                "is it an OMS container?");
        } else if (from) {
            config_of_node(target, *from, node, all);
        }
    }
    for (const auto& node : found.nodes) {
        if (node.config_error && all.empty())
            add(all, "Config", *node.config_error, "correct config.yaml");
    }
}

}  // namespace oms::upgrade
