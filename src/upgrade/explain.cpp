#include "upgrade/explain.hpp"

#include "base/error.hpp"
#include "base/overloaded.hpp"
#include "oms/config.hpp"
#include "upgrade/intake.hpp"
#include "upgrade/phases/precheck.hpp"
#include "upgrade/separation.hpp"

#include <algorithm>
#include <memory>
#include <sstream>

namespace oms::upgrade {
namespace {

bool stops(const api::Finding& finding) {
    return finding.severity == api::Severity::Error && !finding.waived;
}

/// As a run does it, and what a run would record.
Precheck::Facts precheck(api::OmsUpgrade& draft, const Tools& tools) {
    const Target target = make_target(draft);
    Precheck::Facts facts = Precheck::observe(target, tools, Goal::Applied);
    Precheck::remember(target, facts, Goal::Applied, tools.now(), draft.status);
    return facts;
}

void write_findings(std::ostream& out, const std::vector<api::Finding>& findings) {
    if (findings.empty()) out << "Prechecks: nothing found.\n";
    for (const auto& finding : findings) {
        out << (stops(finding) ? "STOPS  " : "notes  ") << finding.name << ": " << finding.message
            << "\n       remedy: " << finding.remedy << "\n";
    }
}

void write_discovered(std::ostream& out, const Target& target) {
    for (std::size_t node = 0; node < target.spec.nodes.size(); ++node) {
        if (!target.is_discovered(node)) continue;
        out << "Discovered: " << target.spec.nodes[node].container << " at "
            << target.spec.nodes[node].docker.endpoint << "\n";
    }
}

/// Which container is of which region, and what will run there.
void write_nodes(std::ostream& out, const Target& target) {
    if (target.before.nodes.size() < 2) return;
    out << "\nNodes:\n";
    for (std::size_t node = 0; node < target.before.nodes.size(); ++node) {
        const api::BeforeNode& one = target.before.nodes[node];
        out << "   " << one.container << " on " << target.host_ip(node) << ", region " << one.region
            << ", heartbeats in " << one.heartbeat_database;
        if (target.migrates_schema() && one.migrates_schema) out << "; runs the .jar";
        if (one.upgrades_metadata) out << "; runs docker_upgrade.sh";
        out << "\n";
    }
}

void write_configs(std::ostream& out,
                   const Target& target,
                   const Tools& tools,
                   const Survey& found) {
    if (!rewrites_config(target)) return;
    for (std::size_t node = 0; node < found.nodes.size(); ++node) {
        const auto& text = found.nodes[node].config;
        if (!text) continue;
        out << "\nconfig.yaml of " << target.said(target.spec.nodes[node].container, node);
        try {
            out << " as it would be:\n"
                << mask_passwords(config_of_new_oms(target, tools, *text)) << "\n";
        } catch (const Terminal& error) {
            out << " cannot be rendered: " << error.what() << "\n";
        }
    }
}

}  // namespace

Explanation explain(const api::OmsUpgrade& resource,
                    const OpenOutside& open,
                    const Now& now,
                    const std::stop_token& stop,
                    std::span<const Phase> plan) {
    api::OmsUpgrade draft = resource;
    if (!draft.status.run) {
        const Intake intake = take_in(draft, std::nullopt, std::nullopt, plan, now());
        if (const auto* admitted = std::get_if<Admit>(&intake)) draft.status = admitted->status;
    }
    if (!draft.status.run) {
        throw Terminal("the upgrade " + resource.key.name +
                       " would not begin as it stands (paused, or a rollback is asked for)");
    }
    const auto tools_of = [&](Outside& outside) {
        return Tools(
            outside, now, [](const Progress&) {}, stop);
    };
    std::shared_ptr<Outside> outside;
    Precheck::Facts facts;
    do {
        outside = open(draft);
        facts = precheck(draft, tools_of(*outside));
    } while (!facts.others.nodes.empty());
    const Target target = make_target(draft);

    const bool refused = std::any_of(facts.findings.begin(), facts.findings.end(), stops);
    std::ostringstream out;
    out << "OMS " << (target.from ? to_string(*target.from) : "of unknown version") << " -> "
        << to_string(target.to) << "\n\n";
    write_discovered(out, target);
    write_findings(out, facts.findings);
    const bool known = target.before.databases.size() >= 3 && !target.before.nodes.empty() &&
                       !target.before.nodes.front().container.empty();
    if (!known) {
        out << "\nThe steps cannot be shown before the findings above are mended.\n";
        return {out.str(), refused};
    }
    write_nodes(out, target);
    int number = 0;
    for (const Phase& phase : plan) {
        out << "\n" << ++number << ". " << phase.name << "\n";
        for (const auto& line : phase.script(target)) out << "   " << line << "\n";
    }
    write_configs(out, target, tools_of(*outside), facts.found);
    return {out.str(), refused};
}

}  // namespace oms::upgrade
