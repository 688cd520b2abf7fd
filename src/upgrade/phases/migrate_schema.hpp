#pragma once

#include "oms/names.hpp"
#include "upgrade/phase.hpp"
#include "upgrade/scripts.hpp"

namespace oms::upgrade {

/// Restructure the schemas of an OMS below 4.0.1 (procedure, "Execute the .jar upgrade package" and
/// "run the metadata initialization command").
///
///   Done when  the source is 4.0.1 or later; else when the jar and then add_resource have ended
///              with 0.
///   Undone     always: what they did to MetaDB is put back by BackupMetaDB.
///   Why here   the jar wants CM and Supervisor of the new OMS up and its console down (oms-facts
///              4.2), and docker_upgrade.sh wants the schemas that it makes.
///
/// Neither is run a second time: one that was interrupted means going back.
struct MigrateSchema {
    static constexpr std::string_view kName = "MigrateSchema";
    static constexpr std::string_view kMilestone = "";
    static constexpr std::chrono::seconds kDeadline{3600};
    static constexpr std::chrono::milliseconds kLookAgain{50};
    /// Three requests, each of which may be lost a few times.
    static constexpr int kPushesMax = 9;
    static constexpr bool kTouchesOms = true;

    struct Facts {
        bool running = false;            // the new container, on the first node
        std::set<std::string> programs;  // that are RUNNING; not asked once the jar was begun
        runtime::JobState jar;
        runtime::JobState add_resource;
    };

    static Facts observe(const Target& target, const Tools& tools, Goal goal) {
        Facts facts;
        if (goal == Goal::Reverted || !target.migrates_schema()) return facts;
        const runtime::Host& host = tools.host(0);
        const auto container = host.find_container(target.new_container(0));
        if (!container) return facts;
        facts.running = container->running;
        facts.jar = look_at_script(host, *container, target, jar());
        if (std::holds_alternative<runtime::JobNotBegun>(facts.jar))
            facts.programs = running_programs(host, container->name);
        else
            facts.add_resource = look_at_script(host, *container, target, add_resource());
        return facts;
    }

    static Verdict judge(const Target& target, const Facts& facts, Goal goal) {
        if (goal == Goal::Reverted || !target.migrates_schema()) return Done{};
        if (std::holds_alternative<runtime::JobNotBegun>(facts.jar)) {
            if (!facts.running) return Stuck{target.new_container(0) + " does not run"};
            if (!runs(facts, kCmProgram) || !runs(facts, kSupervisorProgram))
                return Pending{"OMS is starting: CM or Supervisor is not up"};
            if (runs(facts, kConsoleProgram))
                return Due{"oms_console runs, and the jar must be alone"};
        }
        Verdict first = judge_script(target, jar(), facts.jar);
        if (!std::holds_alternative<Done>(first)) return first;
        return judge_script(target, add_resource(), facts.add_resource);
    }

    static void remember(const Target&, const Facts&, Goal, Time, api::Status&) {}

    static void act(const Target& target, Tools& tools) {
        const Facts facts = observe(target, tools, Goal::Applied);
        runtime::Host& host = tools.host(0);
        const auto container = host.find_container(target.new_container(0));
        if (!container) return;
        if (!std::holds_alternative<runtime::JobNotBegun>(facts.jar)) {
            begin_script(tools, host, *container, target, add_resource());
        } else if (runs(facts, kConsoleProgram)) {
            stop_console(tools, host, container->name);
        } else {
            begin_script(tools, host, *container, target, jar());
        }
    }

    static void undo(const Target&, Tools&) {}

    static std::vector<std::string> script(const Target& target) {
        if (!target.migrates_schema()) return {"# not for a source from 4.0.1 on"};
        const std::string exec = "docker exec -w /root " + target.new_container(0) + " ";
        return {exec + "supervisorctl stop oms_console",
                exec + words(jar().command) + "   # once",
                exec + words(add_resource().command) + "   # once"};
    }

private:
    static constexpr std::chrono::seconds kStopTimeout{30};

    // In a single region this node is the last one (procedure, "-l").
    static Script jar() {
        return {"MigrateSchema-jar",
                "the upgrade jar",
                {"/opt/alibaba/java/bin/java",
                 "-jar",
                 "correction-1.0-SNAPSHOT-jar-with-dependencies.jar",
                 "-mupgrade",
                 "-y" + std::string(kConfigPath),
                 "-ltrue"}};
    }
    static Script add_resource() {
        return {"MigrateSchema-add_resource",
                "add_resource",
                {"python", "-m", "omsflow.scripts.units.oms_cluster_manager", "add_resource"}};
    }

    static bool runs(const Facts& facts, std::string_view program) {
        return facts.programs.contains(std::string(program));
    }

    static void stop_console(Tools& tools, runtime::Host& host, const std::string& container) {
        const std::string console(kConsoleProgram);
        host.launch(container, {"supervisorctl", "stop", console});
        const Time end = tools.now() + kStopTimeout;
        while (tools.now() < end && !tools.stop().stop_requested()) {
            if (!running_programs(host, container).contains(console)) return;
            tools.wait(std::chrono::milliseconds{50});
        }
    }

    static std::string words(const std::vector<std::string>& command) {
        std::string line;
        for (const auto& word : command) line += (line.empty() ? "" : " ") + word;
        return line;
    }
};
static_assert(UpgradePhase<MigrateSchema>);

}  // namespace oms::upgrade
