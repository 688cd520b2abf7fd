#pragma once

#include "base/sha256.hpp"
#include "upgrade/nodes.hpp"
#include "upgrade/phase.hpp"
#include "upgrade/prechecks.hpp"
#include "upgrade/separation.hpp"
#include "upgrade/window.hpp"

#include <optional>

namespace oms::upgrade {

/// Wait for a person's yes, where one is asked for, and for the maintenance window.
///
///   Done when  spec.approval is Granted, or NotRequired where cm is not separated, the maintenance
///              window is open for long enough, no config.yaml was edited since Precheck read it,
///              and no task was made or set back that must not be separated from its cm: the answer
///              may have taken days.
///   Undone     always.
///   Why here   everything that can be checked and fetched beforehand has been; from here on OMS is
///              touched.
struct Approve {
    static constexpr std::string_view kName = "Approve";
    static constexpr std::string_view kMilestone = "";
    static constexpr std::chrono::seconds kDeadline{0};
    static constexpr std::chrono::milliseconds kLookAgain{30'000};
    static constexpr int kPushesMax = 0;
    static constexpr bool kTouchesOms = false;

    struct Facts {
        std::optional<std::string> closed;  // why the maintenance window is
        std::optional<std::string> edited;  // a container whose config.yaml was
        std::optional<std::string> task;    // one that is not ready for a separate cm
        bool console_is_away = false;       // it may be ready: the console does not answer just now
    };

    static Facts observe(const Target& target, const Tools& tools, Goal goal) {
        if (goal == Goal::Reverted || !is_given(target)) return {};
        if (auto closed = why_closed_for(target, tools.now())) return {.closed = std::move(closed)};
        for (std::size_t node = 0; node < target.spec.nodes.size(); ++node) {
            const std::string text = config_of(target, tools, node);
            if (sha256_hex(text) != target.before.nodes.at(node).config_sha256)
                return {.closed = {}, .edited = target.spec.nodes[node].container};
        }
        return separates_cm(target) ? look_at_tasks(target, tools) : Facts{};
    }

    static Verdict judge(const Target& target, const Facts& facts, Goal goal) {
        if (goal == Goal::Reverted) return Done{};
        if (!is_given(target)) {
            return Pending{
                "waiting for approval: set spec.approval to Granted (oms-operator approve)"};
        }
        if (facts.closed) return Pending{*facts.closed};
        if (facts.edited) {
            return Stuck{"config.yaml of " + *facts.edited +
                         " was edited since the prechecks; begin again, so that it is checked as "
                         "it is now (annotation " +
                         std::string(api::kRetry) + ")"};
        }
        if (facts.task && facts.console_is_away) return Pending{*facts.task};
        if (facts.task) return Stuck{*facts.task};
        return Done{};
    }

    static void remember(const Target&, const Facts&, Goal, Time, api::Status&) {}
    static void act(const Target&, Tools&) {}
    static void undo(const Target&, Tools&) {}

    static std::vector<std::string> script(const Target& target) {
        std::vector<std::string> lines;
        if (target.spec.approval != api::Approval::NotRequired || separates_cm(target))
            lines.emplace_back("# wait until a person sets spec.approval to Granted");
        if (const auto& window = target.spec.maintenance_window) {
            lines.push_back("# wait for the maintenance window, " + window->start + " " +
                            window->time_zone);
        }
        if (lines.empty()) lines.emplace_back("# not asked for");
        return lines;
    }

private:
    static std::optional<std::string> why_closed_for(const Target& target, Time now) {
        if (!target.spec.maintenance_window) return std::nullopt;
        std::optional<std::chrono::seconds> needed;
        if (target.last_duration) needed = std::chrono::seconds{*target.last_duration};
        return why_closed(*target.spec.maintenance_window, needed, now);
    }

    /// The procedure does not say how cm is separated: that much is never done unasked.
    static bool is_given(const Target& target) {
        return target.spec.approval == api::Approval::Granted ||
               (target.spec.approval == api::Approval::NotRequired && !separates_cm(target));
    }

    static Facts look_at_tasks(const Target& target, const Tools& tools) {
        Facts facts;
        const Config config = parse_config(config_of(target, tools, 0));
        const auto container = tools.host(0).find_container(target.spec.nodes.at(0).container);
        const auto console =
            container ? console_of(tools, 0, *container, target.host_ip(0), config) : std::nullopt;
        TaskSurvey found = survey_tasks(
            target, tools, target.from.value(), console.value_or(Console{}), target.rm_database());
        const bool away = found.error && found.error->transient;
        for (const auto& finding : examine_tasks(target, std::move(found))) {
            if (finding.waived) continue;
            facts.task = finding.name + ": " + finding.message;
            facts.console_is_away = away;
            break;
        }
        return facts;
    }
};
static_assert(UpgradePhase<Approve>);

}  // namespace oms::upgrade
