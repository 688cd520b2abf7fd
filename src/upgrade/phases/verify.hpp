#pragma once

#include "upgrade/health.hpp"
#include "upgrade/https.hpp"
#include "upgrade/phase.hpp"
#include "upgrade/separation.hpp"

namespace oms::upgrade {

/// See the new OMS work (oms-facts 5.1).
///
///   Done when  several looks in a row find on every node: health endpoint true, supervisor's
///              programs RUNNING, host ONLINE, heartbeat fresh; and the version as wanted.
///   Undone     always.
///   Why here   HA must not be switched on over an OMS that does not work.
struct Verify {
    static constexpr std::string_view kName = "Verify";
    static constexpr std::string_view kMilestone = "Verified";
    static constexpr std::chrono::seconds kDeadline{900};
    static constexpr std::chrono::milliseconds kLookAgain{50};
    static constexpr int kPushesMax = 0;
    static constexpr bool kTouchesOms = true;

    static constexpr int kLooks = 2;

    struct Facts {
        std::optional<std::string> trouble;  // of the first look that found some
    };

    static Facts observe(const Target& target, const Tools& tools, Goal goal) {
        if (goal == Goal::Reverted) return {};
        return {.trouble = trouble_in_looks(target, tools, kLooks)};
    }

    static Verdict judge(const Target&, const Facts& facts, Goal) {
        if (facts.trouble) return Pending{*facts.trouble};
        return Done{};
    }

    static void remember(const Target&, const Facts&, Goal, Time, api::Status&) {}
    static void act(const Target&, Tools&) {}
    static void undo(const Target&, Tools&) {}

    static std::vector<std::string> script(const Target& target) {
        std::vector<std::string> lines;
        for (std::size_t node = 0; node < target.spec.nodes.size(); ++node) {
            const std::string curl = will_speak_https(target, node)
                                         ? "curl -s --cacert oms_server.crt https://"
                                         : "curl -s http://";
            lines.push_back(curl + target.host_ip(node) +
                            ":8089/oms/health   # {\"data\":{\"healthy\":true}}");
            lines.push_back(target.docker(node) + " exec " + target.new_container(node) +
                            " supervisorctl status");
        }
        lines.push_back("mysql -D" + name_in_new_oms(target, target.cm_database()) +
                        " -e 'SELECT ip,host_status FROM host'");
        return lines;
    }
};
static_assert(UpgradePhase<Verify>);

}  // namespace oms::upgrade
