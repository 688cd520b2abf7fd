#pragma once

#include "oms/names.hpp"
#include "upgrade/consoles.hpp"
#include "upgrade/phase.hpp"
#include "upgrade/scripts.hpp"

#include <algorithm>

namespace oms::upgrade {

/// Restructure the schemas of an OMS below 4.0.1 (procedure, "Execute the .jar upgrade package" and
/// "run the metadata initialization command").
///
///   Done when  the source is 4.0.1 or later; else when the jar has ended with 0 on the first node
///              of each region, and then add_resource.
///   Undone     always: what they did to MetaDB is put back by BackupMetaDB.
///   Why here   the jar wants CM and Supervisor of the new OMS up and every console down (oms-facts
///              4.2), and docker_upgrade.sh wants the schemas that it makes.
///
/// The regions come one after the other, all jars before the first add_resource. None is run a
/// second time: one that was interrupted means going back.
struct MigrateSchema {
    static constexpr std::string_view kName = "MigrateSchema";
    static constexpr std::string_view kMilestone = "";
    static constexpr std::chrono::seconds kDeadline{3600};
    static constexpr std::chrono::milliseconds kLookAgain{50};
    /// Three requests, each of which may be lost a few times.
    static constexpr int kPushesMax = 9;
    static constexpr bool kTouchesOms = true;

    struct Facts {
        ScriptsLook scripts;
        std::vector<std::set<std::string>> programs;  // of console_nodes, when a jar is next
    };

    static Facts observe(const Target& target, const Tools& tools, Goal goal) {
        Facts facts;
        if (goal == Goal::Reverted || !target.migrates_schema()) return facts;
        facts.scripts = look_at_scripts(tools, target, scripts(target));
        if (jar_is_next(target, facts) && facts.scripts.running)
            facts.programs = programs_on(tools, target, console_nodes(target));
        return facts;
    }

    static Verdict judge(const Target& target, const Facts& facts, Goal goal) {
        if (goal == Goal::Reverted || !target.migrates_schema()) return Done{};
        for (std::size_t i = 0; i < facts.programs.size(); ++i) {
            const std::size_t node = console_nodes(target)[i];
            const std::string name = target.said(target.new_container(node), node);
            const auto runs = [&](std::string_view program) {
                return facts.programs[i].contains(std::string(program));
            };
            if (!runs(kCmProgram) || !runs(kSupervisorProgram))
                return Pending{"OMS is starting: CM or Supervisor of " + name + " is not up"};
            if (runs(kConsoleProgram))
                return Due{"oms_console of " + name + " runs, and the jar must be alone"};
        }
        return judge_scripts(target, scripts(target), facts.scripts);
    }

    static void remember(const Target&, const Facts&, Goal, Time, api::Status&) {}

    static void act(const Target& target, Tools& tools) {
        const Facts facts = observe(target, tools, Goal::Applied);
        const Scripts all = scripts(target);
        if (facts.scripts.next == all.size()) return;
        const bool disturbed = std::any_of(
            facts.programs.begin(), facts.programs.end(), [](const std::set<std::string>& running) {
                return running.contains(std::string(kConsoleProgram));
            });
        if (disturbed) return stop_consoles(tools, target, console_nodes(target));
        begin_script(tools, target, all[facts.scripts.next]);
    }

    static void undo(const Target&, Tools&) {}

    static std::vector<std::string> script(const Target& target) {
        if (!target.migrates_schema()) return {"# not for a source from 4.0.1 on"};
        std::vector<std::string> lines;
        for (const std::size_t node : console_nodes(target)) {
            lines.push_back(target.docker(node) + " exec " + target.new_container(node) +
                            " supervisorctl stop oms_console");
        }
        for (const auto& script : scripts(target)) lines.push_back(shell_line(target, script));
        return lines;
    }

    /// The jar of each region, the last one with -ltrue (procedure, "-l"); then add_resource
    /// wherever docker_upgrade.sh will run.
    static Scripts scripts(const Target& target) {
        const auto nodes = target.schema_nodes();
        Scripts all;
        for (const std::size_t node : nodes) {
            all.push_back({node,
                           "MigrateSchema-jar",
                           "the upgrade jar",
                           {"/opt/alibaba/java/bin/java",
                            "-jar",
                            "correction-1.0-SNAPSHOT-jar-with-dependencies.jar",
                            "-mupgrade",
                            "-y" + std::string(kConfigPath),
                            node == nodes.back() ? "-ltrue" : "-lfalse"}});
        }
        for (const std::size_t node : target.metadata_nodes()) {
            all.push_back(
                {node,
                 "MigrateSchema-add_resource",
                 "add_resource",
                 {"python", "-m", "omsflow.scripts.units.oms_cluster_manager", "add_resource"}});
        }
        return all;
    }

private:
    static bool jar_is_next(const Target& target, const Facts& facts) {
        return facts.scripts.next < target.schema_nodes().size() &&
               std::holds_alternative<runtime::JobNotBegun>(facts.scripts.job);
    }
};
static_assert(UpgradePhase<MigrateSchema>);

}  // namespace oms::upgrade
