#include "upgrade/explain.hpp"

#include "base/error.hpp"
#include "base/overloaded.hpp"
#include "oms/config.hpp"
#include "upgrade/intake.hpp"
#include "upgrade/phases/precheck.hpp"
#include "upgrade/separation.hpp"

#include <algorithm>
#include <sstream>

namespace oms::upgrade {
namespace {

bool stops(const api::Finding& finding) {
    return finding.severity == api::Severity::Error && !finding.waived;
}

void write_findings(std::ostream& out, const std::vector<api::Finding>& findings) {
    if (findings.empty()) out << "Prechecks: nothing found.\n";
    for (const auto& finding : findings) {
        out << (stops(finding) ? "STOPS  " : "notes  ") << finding.name << ": " << finding.message
            << "\n       remedy: " << finding.remedy << "\n";
    }
}

void write_config(std::ostream& out,
                  const Target& target,
                  const Tools& tools,
                  const Survey& found) {
    const auto& text = found.nodes.front().config;
    if (!text || !rewrites_config(target)) return;
    try {
        out << "\nconfig.yaml as it would be:\n"
            << mask_passwords(config_of_new_oms(target, tools, *text)) << "\n";
    } catch (const Terminal& error) {
        out << "\nconfig.yaml cannot be rendered: " << error.what() << "\n";
    }
}

}  // namespace

Explanation explain(const api::OmsUpgrade& resource,
                    const Tools& tools,
                    std::span<const Phase> plan) {
    api::OmsUpgrade draft = resource;
    if (!draft.status.run) {
        const Intake intake = take_in(draft, std::nullopt, std::nullopt, plan, tools.now());
        if (const auto* admitted = std::get_if<Admit>(&intake)) draft.status = admitted->status;
    }
    if (!draft.status.run) {
        throw Terminal("the upgrade " + resource.key.name +
                       " would not begin as it stands (paused, or a rollback is asked for)");
    }
    const Target first = make_target(draft);
    const Precheck::Facts facts = Precheck::observe(first, tools, Goal::Applied);
    Precheck::remember(first, facts, Goal::Applied, tools.now(), draft.status);
    const Target target = make_target(draft);

    const bool refused = std::any_of(facts.findings.begin(), facts.findings.end(), stops);
    std::ostringstream out;
    out << "OMS " << (target.from ? to_string(*target.from) : "of unknown version") << " -> "
        << to_string(target.to) << "\n\n";
    write_findings(out, facts.findings);
    const bool known = target.before.databases.size() >= 3 && !target.before.nodes.empty() &&
                       !target.before.nodes.front().container.empty();
    if (!known) {
        out << "\nThe steps cannot be shown before the findings above are mended.\n";
        return {out.str(), refused};
    }
    int number = 0;
    for (const Phase& phase : plan) {
        out << "\n" << ++number << ". " << phase.name << "\n";
        for (const auto& line : phase.script(target)) out << "   " << line << "\n";
    }
    write_config(out, target, tools, facts.found);
    return {out.str(), refused};
}

}  // namespace oms::upgrade
