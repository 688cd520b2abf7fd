// Goal: an upgrade that a person began by hand is carried on or refused, and never made worse.
// Method: leave the fakes' world where each step of the procedure leaves it, let the operator run,
// and look at the end and at the world.

#include "catch.hpp"
#include "fakes/voyage.hpp"
#include "oms/config.hpp"

#include <algorithm>

namespace oms::fakes {
namespace {

using api::Outcome;

constexpr auto kHaOff = R"({"enable":false,"x":1})";

/// Step 1 and the stop, as the procedure has them.
void stop_by_hand(World& world) {
    world.ha = kHaOff;
    auto& old = world.containers.at("oms_430");
    old.running = false;
    old.state = "exited";
    old.exit_code = 143;
    old.finished_at = world.now;
}

void make_by_hand(World& world) {
    runtime::Container made = world.containers.at("oms_430");
    made.id = "made by hand";
    made.name = "oms_new";
    made.image = "oms:feature_4.3.1";
    made.image_id = "sha256:new";
    made.state = "created";
    made.running = false;
    made.exit_code = 0;
    made.started_at.reset();
    made.finished_at.reset();
    world.containers["oms_new"] = made;
}

void run_by_hand(World& world) {
    make_by_hand(world);
    world.host(0).start("oms_new");
    world.host(0).stop("oms_new", {}, {});
}

std::vector<std::string> refusals(const api::Status& status) {
    std::vector<std::string> names;
    for (const auto& one : status.findings)
        if (one.severity == api::Severity::Error) names.push_back(one.name);
    return names;
}

const api::Finding* finding(const api::Status& status, const std::string& name) {
    for (const auto& one : status.findings)
        if (one.name == name) return &one;
    return nullptr;
}

TEST_CASE("what was begun by hand before the new OMS was started is carried on",
          "[simulation][by-hand]") {
    Voyage voyage;
    World& world = voyage.world;
    const bool fails = GENERATE(false, true);
    std::string told;
    SECTION("HA disabled") {
        world.ha = kHaOff;
        told = "HAOff";
    }
    SECTION("OMS stopped") {
        stop_by_hand(world);
        told = "OmsStopped";
    }
    SECTION("the heartbeat swap half done") {
        stop_by_hand(world);
        auto& tables = world.heartbeats.at("oms_cm_hb");
        told = "HeartbeatSwap";
        SECTION("after the first statement") {
            tables.copy.emplace();
        }
        SECTION("after the second") {
            tables.copy = {1, 4711};
        }
        SECTION("after the third") {
            tables.copy = {1, 4711};
            std::swap(tables.aside, tables.sequence);
        }
        SECTION("after the fourth") {
            tables.aside = tables.sequence;
            tables.sequence = {1, 4711};
        }
    }
    SECTION("the heartbeat swap done") {
        stop_by_hand(world);
        world.heartbeats.at("oms_cm_hb").sequence = {1, 4711};
        told = "OmsStopped";
    }
    SECTION("the image loaded") {
        stop_by_hand(world);
        world.images["oms:feature_4.3.1"] = {
            .id = "sha256:new", .tags = {"oms:feature_4.3.1"}, .architecture = "amd64"};
        told = "OmsStopped";
    }
    const auto stopped_at = world.containers.at("oms_430").finished_at;
    const bool was_running = world.containers.at("oms_430").running;
    if (fails) world.nature.script_exit = 3;
    voyage.run_to_the_end();
    const api::Status& status = voyage.resource.status;
    INFO(status.message);
    CHECK(world.damage.empty());
    CHECK(refusals(status).empty());
    CHECK(finding(status, told) != nullptr);
    CHECK(world.ha == kHaOff);
    CHECK(world.heartbeats.at("oms_cm_hb").sequence == metadb::HeartbeatTable{1, 4711});
    CHECK_FALSE(world.heartbeats.at("oms_cm_hb").aside);
    if (!was_running) CHECK(status.times.t1 == stopped_at);
    if (fails) {
        // As it was found, but for the heartbeat swap, which is ended.
        CHECK(voyage.outcome() == Outcome::RolledBack);
        CHECK(world.containers.at("oms_430").running == was_running);
        CHECK(world.containers.at("oms_430").restart.name == "always");
        CHECK_FALSE(parse_config(world.files.at("/data/config.yaml")).split);
        CHECK(world.databases.at("oms_rm") == "rm 4.3.0 projects");
        return;
    }
    CHECK(voyage.outcome() == Outcome::Succeeded);
    CHECK(world.healthy());
    CHECK(world.running() == "oms_431");
    const auto& left = status.follow_up;
    CHECK(std::any_of(left.begin(), left.end(), [](const std::string& one) {
        return one.find("HA was disabled") != std::string::npos;
    }));
}

TEST_CASE("what was begun by hand and cannot be taken back from here is refused",
          "[simulation][by-hand]") {
    Voyage voyage;
    World& world = voyage.world;
    const bool old_source = GENERATE(false, true);
    if (old_source) {
        world.become_old();
        world.tasks["p_2"] = "orders 2";
    }
    std::vector<std::string> said;
    const auto split = [&] {
        auto& config = world.files.at("/data/config.yaml");
        config = split_meta_keys(config);
    };
    SECTION("the new container was only made") {
        stop_by_hand(world);
        make_by_hand(world);
        said = {"oms_new", "never started", "rm oms_new"};
    }
    SECTION("the new OMS was started and stopped") {
        stop_by_hand(world);
        run_by_hand(world);
        said = {"oms_new", "is exited since", "start oms_430"};
    }
    SECTION("the new OMS runs, its scripts not yet") {
        stop_by_hand(world);
        split();
        make_by_hand(world);
        world.host(0).start("oms_new");
        said = {"oms_new", "is running since", "must not run twice"};
    }
    SECTION("the new OMS runs, which no waiver makes right") {
        stop_by_hand(world);
        make_by_hand(world);
        world.host(0).start("oms_new");
        voyage.resource.spec.prechecks.waive = {"BegunByHand"};
        said = {"oms_new", "is running since"};
    }
    SECTION("docker_upgrade.sh has run, and HA is still off") {
        stop_by_hand(world);
        split();
        make_by_hand(world);
        world.host(0).start("oms_new");
        world.databases = {{"oms_rm", "rm 4.3.1 projects"},
                           {"oms_cm", "cm 4.3.1 hosts"},
                           {"oms_cm_hb", "hb 4.3.1"}};
        said = {"oms_new", "says 4.3.1", "only HA is missing"};
    }
    SECTION("docker_upgrade.sh has run, and its container was removed") {
        stop_by_hand(world);
        world.databases["oms_rm"] = "rm 4.3.1 projects";
        said = {"says 4.3.1", "no container of the new version"};
    }
    SECTION("a rollback dropped a database and created it") {
        stop_by_hand(world);
        world.databases["oms_cm"] = "";
        said = {"oms_cm", "empty"};
    }
    SECTION("a rollback loaded a dump by half") {
        stop_by_hand(world);
        world.missing_tables = {"oms_cm.host"};
        said = {"oms_cm", "no table host"};
    }
    SECTION("a rollback put all back and did not start the old OMS") {
        stop_by_hand(world);
        run_by_hand(world);
        said = {"put back already", "start oms_430"};
    }
    SECTION("the heartbeat swap lost its table") {
        stop_by_hand(world);
        world.heartbeats.at("oms_cm_hb").sequence.reset();
        said = {"oms_cm_hb", "heatbeat_sequence"};
    }
    const std::string before = world.fingerprint();
    voyage.run_to_the_end();
    const api::Status& status = voyage.resource.status;
    CHECK(voyage.outcome() == Outcome::Refused);
    CHECK(world.fingerprint() == before);
    CHECK(world.dumps.empty());
    CHECK(refusals(status).front() == "BegunByHand");
    const auto* begun = finding(status, "BegunByHand");
    REQUIRE(begun != nullptr);
    for (const auto& word : said) {
        INFO(begun->message << " | " << begun->remedy);
        CHECK((begun->message + begun->remedy).find(word) != std::string::npos);
    }
    CHECK(finding(status, "VersionsAgree") == nullptr);
    CHECK(finding(status, "NewContainerName") == nullptr);
}

TEST_CASE("an OMS that ended by itself is not taken for one that was stopped",
          "[simulation][by-hand]") {
    Voyage voyage;
    stop_by_hand(voyage.world);
    voyage.world.containers.at("oms_430").exit_code = 1;
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::Refused);
    CHECK(refusals(voyage.resource.status) == std::vector<std::string>{"OmsHealthy"});
}

TEST_CASE("an upgrade begun by hand and gone back as the refusal says can be begun anew",
          "[simulation][by-hand]") {
    Voyage voyage;
    stop_by_hand(voyage.world);
    run_by_hand(voyage.world);
    voyage.run_to_the_end();
    REQUIRE(voyage.outcome() == Outcome::Refused);
    voyage.world.containers.erase("oms_new");
    voyage.resource.annotations[std::string(api::kRetry)] = "1";
    voyage.run_to_the_end();
    INFO(voyage.resource.status.message);
    CHECK(voyage.outcome() == Outcome::Succeeded);
    CHECK(voyage.world.damage.empty());
}

}  // namespace
}  // namespace oms::fakes
