#pragma once

#include "oms/names.hpp"
#include "upgrade/discovery.hpp"
#include "upgrade/phase.hpp"
#include "upgrade/prechecks.hpp"
#include "upgrade/survey.hpp"

#include <algorithm>

namespace oms::upgrade {

/// Look whether the upgrade can be made, and made undone; touch nothing.
///
/// Where the manifest leaves nodes out, finds them first: they are pinned before they are looked
/// at.
///
///   Done when  no more nodes are found, and every check passes or is waived by name.
///   Undone     always.
///   Why here   a refusal costs nothing now, and a downtime later.
struct Precheck {
    static constexpr std::string_view kName = "Precheck";
    static constexpr std::string_view kMilestone = "PrechecksPassed";
    static constexpr std::chrono::seconds kDeadline{60};
    static constexpr std::chrono::milliseconds kLookAgain{2000};
    static constexpr int kPushesMax = 0;
    static constexpr bool kTouchesOms = false;

    struct Facts {
        Survey found;
        Discovery others;  // nodes that are not looked at yet; then nothing else is judged
        std::vector<api::Finding> findings;
        bool may_pass = false;  // all that is wrong is that something does not answer just now
    };

    static Facts observe(const Target& target, const Tools& tools, Goal goal) {
        if (goal == Goal::Reverted) return {};
        Facts facts{.found = survey(target, tools)};
        facts.others = discover(target, facts.found);
        if (!facts.others.nodes.empty()) return facts;
        facts.findings = examine(with_source(target, facts.found), facts.found);
        facts.may_pass = only_transient(facts);
        return facts;
    }

    static Verdict judge(const Target&, const Facts& facts, Goal goal) {
        if (goal == Goal::Reverted) return Done{};
        if (!facts.others.nodes.empty()) return Pending{what_was_discovered(facts.others)};
        std::size_t errors = 0;
        const api::Finding* first = nullptr;
        for (const auto& finding : facts.findings) {
            if (finding.waived || finding.severity != api::Severity::Error) continue;
            if (first == nullptr) first = &finding;
            ++errors;
        }
        if (first == nullptr) return Done{};
        std::string why = first->name + ": " + first->message;
        if (errors > 1) why += " (and " + std::to_string(errors - 1) + " more findings)";
        if (facts.may_pass) return Pending{why};
        return Stuck{why};
    }

    static void remember(
        const Target& target, const Facts& facts, Goal goal, Time, api::Status& status) {
        if (goal == Goal::Reverted) return;
        if (!facts.others.nodes.empty()) return record_discovery(facts.others, status);
        status.findings = facts.findings;
        record_survey(target, facts.found, status);
    }

    static void act(const Target&, Tools&) {}
    static void undo(const Target&, Tools&) {}

    static std::vector<std::string> script(const Target& target) {
        std::vector<std::string> lines;
        for (std::size_t node = 0; node < target.spec.nodes.size(); ++node) {
            const std::string& name = target.spec.nodes[node].container;
            lines.push_back(target.docker(node) + " inspect " + name);
            lines.push_back(target.docker(node) + " exec " + name + " cat " +
                            std::string(kConfigPath));
        }
        lines.emplace_back("mysql -e 'SHOW GRANTS; SHOW DATABASES'");
        return lines;
    }

private:
    /// Later rules ask what the source version is, which is known only now.
    static Target with_source(Target target, const Survey& found) {
        target.from = source_version(target, found);
        return target;
    }

    static std::string what_was_discovered(const Discovery& others) {
        std::string list;
        for (const auto& node : others.nodes)
            list += (list.empty() ? "" : ", ") + node.docker.endpoint;
        return "discovered " + std::to_string(others.nodes.size()) +
               (others.nodes.size() == 1 ? " node: " : " nodes: ") + list;
    }

    static bool only_transient(const Facts& facts) {
        const auto passes = [](const std::optional<LookError>& error) {
            return error && error->transient;
        };
        const bool hosts = std::any_of(facts.found.nodes.begin(),
                                       facts.found.nodes.end(),
                                       [&](const NodeSurvey& node) { return passes(node.error); });
        const bool meta = facts.found.meta && passes(facts.found.meta->error);
        const bool place = facts.found.separation && passes(facts.found.separation->error);
        const bool tasks = facts.found.tasks && passes(facts.found.tasks->error);
        return (hosts || meta || place || tasks) &&
               std::all_of(facts.findings.begin(), facts.findings.end(), [&](const auto& finding) {
                   return finding.waived || finding.severity != api::Severity::Error ||
                          finding.name == "DockerReachable" || finding.name == "MetaDB" ||
                          finding.name == "SourceVersion" || finding.name == "Discovery" ||
                          (place && finding.name == "SeparateCMReachable") ||
                          (tasks && finding.name == "TaskGate");
               });
    }
};
static_assert(UpgradePhase<Precheck>);

}  // namespace oms::upgrade
