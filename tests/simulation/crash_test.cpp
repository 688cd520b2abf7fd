// Goal: no mishap at any effect, before, within or after it, changes where an upgrade ends.
// Method: run a whole upgrade once per effect it has on the world (writes of status included), and
//         of the main journeys once per kind of mishap, starting the operator again where it dies,
//         and compare the worlds.

#include "catch.hpp"
#include "fakes/voyage.hpp"

#include <functional>
#include <string>
#include <vector>

namespace oms::fakes {
namespace {

using api::Outcome;

/// Every mishap at each effect, or, of journeys that share most effects with others, one of them.
enum class Mishaps { Each, InTurn };

struct Journey {
    std::string name;
    std::function<void(Voyage&)> prepare;
    Outcome outcome;
    Mishaps mishaps = Mishaps::InTurn;
};

void prepare_old(Voyage& voyage) {
    voyage.world.become_old();
    voyage.world.nature.console_is_up_early = true;
    voyage.resource.spec.prechecks.duplicate_task_names = api::DuplicateTaskNames::Rename;
}

void prepare_community(Voyage& voyage) {
    voyage.world.become_community(false);
    voyage.resource.spec.target_version = "4.2.11-CE";
    voyage.resource.spec.image.reference = "oms:feature_4.2.11_ce";
}

const std::vector<Journey> kJourneys{
    {"a calm upgrade", [](Voyage&) {}, Outcome::Succeeded, Mishaps::Each},
    {"a script that fails",
     [](Voyage& voyage) { voyage.world.nature.script_exit = 3; },
     Outcome::RolledBack,
     Mishaps::Each},
    {"an OMS that never becomes healthy",
     [](Voyage& voyage) { voyage.world.nature.never_healthy = true; },
     Outcome::RolledBack,
     Mishaps::Each},
    {"an OMS that breaks after its downtime",
     [](Voyage& voyage) { voyage.world.nature.breaks_after_downtime = true; },
     Outcome::RolledBack},
    {"an upgrade from below 4.0.1",
     [](Voyage& voyage) { prepare_old(voyage); },
     Outcome::Succeeded,
     Mishaps::Each},
    {"a jar that fails",
     [](Voyage& voyage) {
         prepare_old(voyage);
         voyage.world.nature.jar_exit = 1;
     },
     Outcome::RolledBack},
    {"an upgrade of the Community Edition",
     [](Voyage& voyage) { prepare_community(voyage); },
     Outcome::Succeeded},
    {"a docker_init.sh that hides its failure",
     [](Voyage& voyage) {
         prepare_community(voyage);
         voyage.world.nature.init_hides_failure = true;
     },
     Outcome::RolledBack},
    {"an HTTPS site with an OMS that never becomes healthy",
     [](Voyage& voyage) {
         voyage.world.become_https();
         voyage.world.nature.never_healthy = true;
     },
     Outcome::RolledBack},
    {"an OMS of an old OAT, whose config.yaml is not touched",
     [](Voyage& voyage) {
         voyage.resource.spec.oat_version = "4.3.1";
         voyage.world.nature.is_of_old_oat = true;
     },
     Outcome::Succeeded},
    {"an upgrade that separates cm",
     [](Voyage& voyage) { voyage.separate_cm(); },
     Outcome::Succeeded},
    {"an OMS with a separate cm that never becomes healthy",
     [](Voyage& voyage) {
         voyage.separate_cm();
         voyage.world.nature.never_healthy = true;
     },
     Outcome::RolledBack},
    {"four nodes in two regions",
     [](Voyage& voyage) { voyage.become_large(); },
     Outcome::Succeeded},
    {"four nodes of which three are discovered",
     [](Voyage& voyage) { voyage.become_large_by_discovery(); },
     Outcome::Succeeded},
    {"four nodes from below 4.0.1, and one that never becomes healthy",
     [](Voyage& voyage) {
         voyage.become_large();
         prepare_old(voyage);
         voyage.world.nature.never_healthy = true;
         voyage.world.nature.only_on = 3;
     },
     Outcome::RolledBack},
    {"components that are stopped with the management, whose script fails",
     [](Voyage& voyage) {
         voyage.become_separated(false);
         voyage.world.nature.script_exit = 3;
     },
     Outcome::RolledBack},
    {"components that are upgraded while their tasks run",
     [](Voyage& voyage) { voyage.become_separated(true); },
     Outcome::Succeeded},
    {"components that are put back, since the management's script fails",
     [](Voyage& voyage) {
         voyage.become_separated(true);
         voyage.world.nature.script_exit = 3;
     },
     Outcome::RolledBack},
    {"a rollback that is asked for after success",
     [](Voyage& voyage) {
         voyage.meanwhile = [](api::OmsUpgrade& resource, int) {
             const auto& outcome = resource.status.run->outcome;
             if (outcome == Outcome::Succeeded) resource.spec.rollback.requested = true;
         };
     },
     Outcome::RolledBack,
     Mishaps::Each},
};

constexpr std::array kSurvived{Mishap::CrashBefore,
                               Mishap::CrashHalfway,
                               Mishap::CrashAfter,
                               Mishap::Fails,
                               Mishap::AnswerLost,
                               Mishap::Slow};

/// What a world looks like in the end, whichever way it came there.
std::string end_of(const Voyage& voyage) {
    std::string text = voyage.world.fingerprint();
    for (const auto& line : voyage.world.damage) text += "DAMAGE " + line + "\n";
    return text;
}

/// What befalls the n-th effect, in each pass over a journey.
std::vector<std::function<Mishap(int effect)>> passes(Mishaps mishaps) {
    if (mishaps == Mishaps::InTurn) {
        // Shifted a little each round, since effects come in a rhythm of their own.
        return {[](int effect) {
            const auto n = static_cast<std::size_t>(effect);
            return kSurvived.at((n + n / kSurvived.size()) % kSurvived.size());
        }};
    }
    std::vector<std::function<Mishap(int)>> all;
    for (const Mishap mishap : kSurvived) all.emplace_back([mishap](int) { return mishap; });
    return all;
}

void check_journey(const Journey& journey) {
    Voyage calm;
    journey.prepare(calm);
    calm.run_to_the_end();
    REQUIRE(calm.outcome() == journey.outcome);
    REQUIRE(calm.world.damage.empty());

    for (const auto& mishap_at : passes(journey.mishaps)) {
        int effect = 0;
        for (;; ++effect) {
            const Mishap mishap = mishap_at(effect);
            Voyage voyage;
            voyage.in_haste = true;
            journey.prepare(voyage);
            voyage.world.fuse.calls_left = effect;
            voyage.world.fuse.mishap = mishap;
            voyage.run_to_the_end();
            if (!voyage.world.fuse.burnt) break;
            INFO(journey.name << ", mishap " << static_cast<int>(mishap) << " at effect " << effect
                              << " (" << voyage.world.fuse.where << "); "
                              << voyage.resource.status.message);
            CHECK(voyage.outcome() == journey.outcome);
            CHECK(end_of(voyage) == end_of(calm));
        }
        CHECK(effect > 20);
    }
}

TEST_CASE("an upgrade ends in the same place whatever befalls one effect",
          "[simulation][crash][each]") {
    for (const auto& journey : kJourneys)
        if (journey.mishaps == Mishaps::Each) check_journey(journey);
}

TEST_CASE("an upgrade ends in the same place whichever mishap befalls one effect",
          "[simulation][crash]") {
    for (const auto& journey : kJourneys)
        if (journey.mishaps == Mishaps::InTurn) check_journey(journey);
}

TEST_CASE("two crashes, one on each half of the way, change nothing", "[simulation][crash]") {
    for (const auto& journey : kJourneys) {
        Voyage calm;
        journey.prepare(calm);
        calm.run_to_the_end();
        for (int effect = 0; effect < 60; effect += 3) {
            Voyage voyage;
            voyage.in_haste = true;
            journey.prepare(voyage);
            voyage.world.fuse.calls_left = effect;
            voyage.world.fuse.mishap = Mishap::CrashAfter;
            const auto before = voyage.meanwhile;
            voyage.meanwhile = [&](api::OmsUpgrade& resource, int writes) {
                before(resource, writes);
                Fuse& fuse = voyage.world.fuse;
                if (voyage.restarts == 1 && fuse.burnt && fuse.calls_left < 0) {
                    fuse.calls_left = 5;
                    fuse.mishap = Mishap::CrashBefore;
                }
            };
            voyage.run_to_the_end();
            INFO(journey.name << ", first at effect " << effect);
            CHECK(voyage.outcome() == journey.outcome);
            CHECK(end_of(voyage) == end_of(calm));
        }
    }
}

TEST_CASE("an effect that is refused for good ends in success or with all put back",
          "[simulation][crash]") {
    const std::string before = Voyage{}.world.fingerprint();
    int effect = 0;
    for (;; ++effect) {
        Voyage voyage;
        voyage.world.fuse.calls_left = effect;
        voyage.world.fuse.mishap = Mishap::Refused;
        // A refused write of status is not the world's: the API server says no, and nothing is
        // done.
        bool refused_record = false;
        try {
            voyage.run_to_the_end();
        } catch (const Terminal&) {
            refused_record = voyage.world.fuse.where == "record";
            if (!refused_record) throw;
        }
        if (!voyage.world.fuse.burnt) break;
        if (refused_record) continue;
        INFO("refused at effect " << effect << " (" << voyage.world.fuse.where << "); "
                                  << voyage.resource.status.message);
        CHECK(voyage.world.damage.empty());
        const auto outcome = voyage.outcome();
        const bool back = outcome == Outcome::RolledBack || outcome == Outcome::Refused;
        CHECK((back || outcome == Outcome::Succeeded));
        if (back) CHECK(voyage.world.fingerprint() == before);
    }
    CHECK(effect > 20);
}

}  // namespace
}  // namespace oms::fakes
