#pragma once

#include "oms/names.hpp"
#include "upgrade/init_script.hpp"
#include "upgrade/phase.hpp"
#include "upgrade/scripts.hpp"

namespace oms::upgrade {

/// Run docker_upgrade.sh, once (procedure, "Run the sh /root/docker_upgrade.sh command"); in the
/// Community Edition docker_init.sh (oms-facts 4.3).
///
///   Done when  the script has ended with 0, and docker_init.sh has left its marks of success.
///   Undone     always: what it did to MetaDB is put back by BackupMetaDB.
///   Why here   the new OMS must be up as far as CM and Supervisor; the console waits for this.
///
/// One that was interrupted means going back: it is not safe to run twice (oms-facts 0.12).
struct UpgradeMetadata {
    static constexpr std::string_view kName = "UpgradeMetadata";
    static constexpr std::string_view kMilestone = "MetadataUpgraded";
    static constexpr std::chrono::seconds kDeadline{3600};
    static constexpr std::chrono::milliseconds kLookAgain{50};
    /// Asking twice does not run it twice; the first request may have been lost.
    static constexpr int kPushesMax = 3;
    static constexpr bool kTouchesOms = true;

    struct Facts {
        bool running = false;  // the new container, on the first node
        bool ready = false;    // CM and Supervisor run; not asked once the job was begun
        runtime::JobState job;
        std::optional<std::string> unfinished;  // by a script that ended with 0
    };

    static Facts observe(const Target& target, const Tools& tools, Goal goal) {
        Facts facts;
        if (goal == Goal::Reverted) return facts;
        const runtime::Host& host = tools.host(0);
        const auto container = host.find_container(target.new_container(0));
        if (!container) return facts;
        facts.running = container->running;
        facts.job = look_at_script(host, *container, target, metadata_script(target));
        if (has_succeeded(facts.job))
            facts.unfinished = unfinished_business(host, *container, target);
        if (std::holds_alternative<runtime::JobNotBegun>(facts.job)) {
            const auto programs = running_programs(host, container->name);
            facts.ready = programs.contains(std::string(kCmProgram)) &&
                          programs.contains(std::string(kSupervisorProgram));
        }
        return facts;
    }

    static Verdict judge(const Target& target, const Facts& facts, Goal goal) {
        if (goal == Goal::Reverted) return Done{};
        if (std::holds_alternative<runtime::JobNotBegun>(facts.job)) {
            if (!facts.running) return Stuck{target.new_container(0) + " does not run"};
            if (!facts.ready) return Pending{"OMS is starting: CM or Supervisor is not up"};
        }
        if (facts.unfinished) return Stuck{*facts.unfinished};
        return judge_script(target, metadata_script(target), facts.job);
    }

    static void remember(const Target&, const Facts&, Goal, Time, api::Status&) {}

    static void act(const Target& target, Tools& tools) {
        runtime::Host& host = tools.host(0);
        const auto container = host.find_container(target.new_container(0));
        if (container) begin_script(tools, host, *container, target, metadata_script(target));
    }

    static void undo(const Target&, Tools&) {}

    static std::vector<std::string> script(const Target& target) {
        std::string line = "docker exec " + target.new_container(0);
        for (const auto& word : metadata_script(target).command) line += " " + word;
        return {line + "   # once"};
    }

private:
    static bool has_succeeded(const runtime::JobState& job) {
        const auto* end = std::get_if<runtime::JobEnded>(&job);
        return end != nullptr && end->exit_code == 0;
    }
};
static_assert(UpgradePhase<UpgradeMetadata>);

}  // namespace oms::upgrade
