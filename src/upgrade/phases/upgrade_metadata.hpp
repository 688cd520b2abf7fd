#pragma once

#include "oms/names.hpp"
#include "upgrade/consoles.hpp"
#include "upgrade/init_script.hpp"
#include "upgrade/phase.hpp"
#include "upgrade/scripts.hpp"

#include <algorithm>
#include <optional>

namespace oms::upgrade {

/// Run docker_upgrade.sh, once per region (procedure, "Run the sh /root/docker_upgrade.sh command";
/// oms-facts 4.2); in the Community Edition docker_init.sh (oms-facts 4.3).
///
///   Done when  the script has ended with 0 on one node of each region (on each node, where they do
///              not share their cm_nodes), docker_init.sh also with its marks of success, and the
///              consoles of the other nodes, held back until then, run and are set to start.
///   Undone     always: what it did to MetaDB is put back by BackupMetaDB.
///   Why here   the new OMS must be up as far as CM and Supervisor; the console waits for this.
///
/// One that was interrupted means going back: it is not safe to run twice (oms-facts 0.12). Regions
/// share rm and cm, so they come one after the other.
struct UpgradeMetadata {
    static constexpr std::string_view kName = "UpgradeMetadata";
    static constexpr std::string_view kMilestone = "MetadataUpgraded";
    static constexpr std::chrono::seconds kDeadline{3600};
    static constexpr std::chrono::milliseconds kLookAgain{50};
    /// Asking twice does not run it twice; the first request may have been lost.
    static constexpr int kPushesMax = 3;
    static constexpr bool kTouchesOms = true;

    struct Facts {
        ScriptsLook scripts;
        bool ready = false;               // CM and Supervisor run where the next script would
        std::optional<std::string> held;  // a console that still is; asked when all scripts ended
    };

    static Facts observe(const Target& target, const Tools& tools, Goal goal) {
        Facts facts;
        if (goal == Goal::Reverted) return facts;
        const Scripts all = scripts(target);
        facts.scripts = look_at_scripts(tools, target, all);
        if (facts.scripts.next == all.size()) {
            facts.held = console_held_back(tools, target, other_nodes(target));
        } else if (is_due(facts) && facts.scripts.running) {
            const auto programs = programs_on(tools, target, {all[facts.scripts.next].node});
            facts.ready = programs.front().contains(std::string(kCmProgram)) &&
                          programs.front().contains(std::string(kSupervisorProgram));
        }
        return facts;
    }

    static Verdict judge(const Target& target, const Facts& facts, Goal goal) {
        if (goal == Goal::Reverted) return Done{};
        if (target.metadata_nodes().empty())
            return Stuck{"no node is on record to run the script on"};
        if (is_due(facts) && facts.scripts.running && !facts.ready)
            return Pending{"OMS is starting: CM or Supervisor is not up"};
        Verdict scripted = judge_scripts(target, scripts(target), facts.scripts);
        if (std::holds_alternative<Done>(scripted) && facts.held) return Due{*facts.held};
        return scripted;
    }

    static void remember(const Target&, const Facts&, Goal, Time, api::Status&) {}

    static void act(const Target& target, Tools& tools) {
        const Scripts all = scripts(target);
        const ScriptsLook look = look_at_scripts(tools, target, all);
        if (look.next == all.size()) return release_consoles(tools, target, other_nodes(target));
        begin_script(tools, target, all[look.next]);
    }

    static void undo(const Target&, Tools&) {}

    static std::vector<std::string> script(const Target& target) {
        std::vector<std::string> lines;
        for (const auto& script : scripts(target)) lines.push_back(shell_line(target, script));
        for (auto& line : release_lines(target, other_nodes(target))) lines.push_back(line);
        return lines;
    }

    static Scripts scripts(const Target& target) {
        Scripts all;
        for (const std::size_t node : target.metadata_nodes())
            all.push_back(metadata_script(target, node));
        return all;
    }

private:
    static std::vector<std::size_t> other_nodes(const Target& target) {
        std::vector<std::size_t> others;
        const auto scripted = target.metadata_nodes();
        for (const std::size_t node : console_nodes(target)) {
            if (std::find(scripted.begin(), scripted.end(), node) == scripted.end())
                others.push_back(node);
        }
        return others;
    }

    static bool is_due(const Facts& facts) {
        return std::holds_alternative<runtime::JobNotBegun>(facts.scripts.job);
    }
};
static_assert(UpgradePhase<UpgradeMetadata>);

}  // namespace oms::upgrade
