// Goal: an upgrade of the fakes' world ends where it should, whatever OMS does.
// Method: let it run with OMS of one nature each, and compare the world before and after.

#include "catch.hpp"
#include "fakes/voyage.hpp"
#include "oms/config.hpp"

namespace oms::fakes {
namespace {

using api::Outcome;
using namespace std::chrono_literals;

const api::Condition* condition(const api::Status& status, const std::string& type) {
    for (const auto& one : status.conditions)
        if (one.type == type) return &one;
    return nullptr;
}

void check_taken_back(Voyage& voyage, const std::string& before) {
    CHECK(voyage.outcome() == Outcome::RolledBack);
    CHECK(voyage.world.fingerprint() == before);
    CHECK(voyage.world.damage.empty());
    CHECK(voyage.resource.status.times.t3.has_value());
    REQUIRE(condition(voyage.resource.status, "RolledBack") != nullptr);
    CHECK(condition(voyage.resource.status, "RolledBack")->status == api::ConditionStatus::True);
    CHECK(condition(voyage.resource.status, "Stalled")->status == api::ConditionStatus::True);
}

TEST_CASE("a calm upgrade succeeds and leaves the new OMS at work", "[simulation]") {
    Voyage voyage;
    voyage.run_to_the_end();
    const api::Status& status = voyage.resource.status;

    INFO(status.message);
    REQUIRE(voyage.outcome() == Outcome::Succeeded);
    CHECK(voyage.world.damage.empty());
    CHECK(voyage.world.running() == "oms_431");
    CHECK(voyage.world.healthy());
    CHECK(parse_config(voyage.world.files.at("/data/config.yaml")).split);
    CHECK_FALSE(parse_config(voyage.world.files.at("/data/config.yaml.before-4.3.1")).split);
    CHECK(voyage.world.containers.at("oms_430").restart.name == "no");
    CHECK(voyage.world.containers.at("oms_431").restart.name == "always");
    CHECK(voyage.world.containers.at("oms_431").environment.at("IS_UPGRADE") == "true");
    CHECK(voyage.world.ha ==
          R"({"enable": true, "enableStore":true, "refetchStoreIntervalMin": 30, "x": 1,)"
          R"( "perceiveStoreClientCheckpoint": true})");
    CHECK(voyage.world.heartbeats.at("oms_cm_hb").sequence->rows == 1);
    CHECK(voyage.world.heartbeats.at("oms_cm_hb").sequence->newest_id == 4711);

    CHECK(status.observed.version == "4.3.1");
    REQUIRE_FALSE(status.follow_up.empty());
    CHECK(status.follow_up.front().find("browser cache") != std::string::npos);
    CHECK(status.before.version == "4.3.0");
    CHECK(status.before.nodes.at(0).restart_policy == "always");
    CHECK(status.times.t1.has_value());
    CHECK(status.times.t2 > status.times.t1);
    CHECK(status.downtime_seconds.has_value());
    REQUIRE(status.backup.has_value());
    CHECK(status.backup->databases.size() == 3);
    for (const auto& type : {"Ready",
                             "Succeeded",
                             "PrechecksPassed",
                             "ImageLoaded",
                             "HADisabled",
                             "OMSStopped",
                             "BackedUp",
                             "ConfigMigrated",
                             "Started",
                             "MetadataUpgraded",
                             "Verified",
                             "HARestored"}) {
        INFO(type);
        REQUIRE(condition(status, type) != nullptr);
        CHECK(condition(status, type)->status == api::ConditionStatus::True);
    }
}

TEST_CASE("an upgrade whose OMS fails is taken back to the byte", "[simulation]") {
    Voyage voyage;
    const std::string before = voyage.world.fingerprint();
    SECTION("its script ends with 3") {
        voyage.world.nature.script_exit = 3;
    }
    SECTION("its script hangs") {
        voyage.world.nature.script_hangs = true;
    }
    SECTION("it never becomes healthy") {
        voyage.world.nature.never_healthy = true;
    }
    SECTION("it breaks soon after its downtime") {
        voyage.world.nature.breaks_after_downtime = true;
        voyage.run_to_the_end();
        CHECK(voyage.resource.status.run->cursor.failure->rfind("Confirm: ", 0) == 0);
    }
    voyage.run_to_the_end();
    INFO(voyage.resource.status.message);
    check_taken_back(voyage, before);
}

TEST_CASE("an OMS below 4.0.1 is restructured by the jar first", "[simulation]") {
    Voyage voyage;
    voyage.world.become_old();
    voyage.world.nature.console_is_up_early = true;
    voyage.resource.spec.prechecks.duplicate_task_names = api::DuplicateTaskNames::Rename;
    const std::string before = voyage.world.fingerprint();
    SECTION("to its end") {
        voyage.run_to_the_end();
        INFO(voyage.resource.status.message);
        CHECK(voyage.outcome() == Outcome::Succeeded);
        CHECK(voyage.world.damage.empty());
        CHECK(voyage.world.tasks.at("p_2") == "orders_p_2");
        const auto& renamed = voyage.resource.status.before.renamed_tasks;
        REQUIRE(renamed.size() == 1);
        CHECK(renamed[0] ==
              api::RenamedTask{api::TaskKind::Migration, "p_2", "orders", "orders_p_2"});
    }
    SECTION("and taken back when the jar fails") {
        voyage.world.nature.jar_exit = 1;
        voyage.run_to_the_end();
        INFO(voyage.resource.status.message);
        check_taken_back(voyage, before);
        CHECK(voyage.world.tasks.at("p_2") == "orders");
    }
    SECTION("and a task that has the new name already keeps it") {
        voyage.world.tasks["p_4"] = "orders_p_2";
        voyage.run_to_the_end();
        INFO(voyage.resource.status.message);
        CHECK(voyage.outcome() == Outcome::Succeeded);
        CHECK(voyage.world.tasks.at("p_4") == "orders_p_2");
        CHECK(voyage.world.tasks.at("p_2") == "orders_p_2_p_2");
        const auto& renamed = voyage.resource.status.before.renamed_tasks;
        REQUIRE(renamed.size() == 1);
        CHECK(renamed[0].from == "orders");
    }
    SECTION("and renames nothing when it is refused") {
        voyage.resource.spec.prechecks.duplicate_task_names = api::DuplicateTaskNames::Fail;
        voyage.run_to_the_end();
        CHECK(voyage.outcome() == Outcome::Refused);
        CHECK(voyage.world.fingerprint() == before);
    }
}

TEST_CASE("four nodes in two regions are upgraded as one", "[simulation]") {
    Voyage voyage;
    voyage.become_large();
    World& world = voyage.world;
    const std::string before = world.fingerprint();
    SECTION("to the end") {
        voyage.run_to_the_end();
        INFO(voyage.resource.status.message);
        CHECK(voyage.outcome() == Outcome::Succeeded);
        CHECK(world.damage.empty());
        CHECK(world.healthy());
        CHECK(world.dumps.size() == 4);
        CHECK(world.kept.size() == 4);
        CHECK(world.heartbeats.at("oms_cm_hb_b").sequence->rows == 1);
        CHECK(world.containers.at("n3/oms_431").environment.at("OMS_HOST_IP") == "10.0.0.4");
    }
    SECTION("and from below 4.0.1") {
        world.become_old();
        world.nature.console_is_up_early = true;
        voyage.resource.spec.prechecks.duplicate_task_names = api::DuplicateTaskNames::Rename;
        voyage.run_to_the_end();
        INFO(voyage.resource.status.message);
        CHECK(voyage.outcome() == Outcome::Succeeded);
        CHECK(world.damage.empty());
        CHECK(world.healthy());
    }
    SECTION("and taken back when the script of the second region fails") {
        world.nature.script_exit = 3;
        world.nature.only_on = 2;
        voyage.run_to_the_end();
        INFO(voyage.resource.status.message);
        check_taken_back(voyage, before);
    }
    SECTION("and taken back when one node never becomes healthy") {
        world.nature.never_healthy = true;
        world.nature.only_on = 1;
        voyage.run_to_the_end();
        INFO(voyage.resource.status.message);
        check_taken_back(voyage, before);
        CHECK(voyage.resource.status.message.find("10.0.0.2") != std::string::npos);
    }
    SECTION("or not at all when the manifest leaves one out") {
        voyage.resource.spec.nodes.pop_back();
        voyage.run_to_the_end();
        INFO(voyage.resource.status.message);
        CHECK(voyage.outcome() == Outcome::Refused);
        CHECK(world.fingerprint() == before);
        CHECK(voyage.resource.status.message.find("10.0.0.4") != std::string::npos);
    }
}

TEST_CASE("HA that was off, or was never set, stays so", "[simulation]") {
    Voyage voyage;
    SECTION("off") {
        voyage.world.ha = R"({"enable":false,"x":1})";
    }
    SECTION("never set") {
        voyage.world.ha = std::nullopt;
    }
    const auto before = voyage.world.ha;
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::Succeeded);
    CHECK(voyage.world.ha == before);
}

TEST_CASE("without perceiveStoreClientCheckpoint the outage decides refetchStoreIntervalMin",
          "[simulation]") {
    Voyage voyage;
    voyage.resource.spec.ha.perceive_store_client_checkpoint = false;
    voyage.world.nature.looks_of_script = 2'000;  // some minutes of looks
    voyage.resource.spec.deadlines = {{"UpgradeMetadata", 86'400}};
    voyage.run_to_the_end();
    REQUIRE(voyage.outcome() == Outcome::Succeeded);
    const auto minutes = (*voyage.resource.status.downtime_seconds + 59) / 60;
    CHECK(voyage.world.ha->find("\"refetchStoreIntervalMin\": " + std::to_string(minutes + 30)) !=
          std::string::npos);
}

TEST_CASE("an image that is not OMS's is refused before OMS is touched", "[simulation]") {
    Voyage voyage;
    voyage.world.nature.image_is_oms = false;
    const std::string before = voyage.world.fingerprint();
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::Refused);
    CHECK(voyage.world.fingerprint() == before);
    CHECK(voyage.resource.status.message.find("not an OMS image") != std::string::npos);
}

TEST_CASE("what the prechecks find refuses the upgrade, and nothing is touched", "[simulation]") {
    Voyage voyage;
    std::string wanted;
    SECTION("a container that does not exist") {
        voyage.resource.spec.nodes[0].container = "oms_42";
        wanted = "ContainerExists";
    }
    SECTION("a target below the source") {
        voyage.resource.spec.target_version = "4.2.9";
        wanted = "VersionPath";
    }
    SECTION("an archive that is not there") {
        voyage.resource.spec.image.archive = "/packages/none.tar";
        wanted = "ImageArchive";
    }
    SECTION("ha.config that is not JSON") {
        voyage.world.ha = "enable: true";
        wanted = "HAConfig";
    }
    SECTION("a config.yaml that is migrated already") {
        auto& config = voyage.world.files.at("/data/config.yaml");
        config = split_meta_keys(config);
        wanted = "Config";
    }
    SECTION("a name that is taken") {
        voyage.world.containers["oms_431"] = {.name = "oms_431", .state = "exited"};
        wanted = "NewContainerName";
    }
    SECTION("a MetaDB that does not answer") {
        voyage.world.nature.meta_db_unreachable = true;
        wanted = "MetaDB";
    }
    const std::string before = voyage.world.fingerprint();
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::Refused);
    CHECK(voyage.world.fingerprint() == before);
    CHECK(voyage.world.images.empty());
    bool found = false;
    for (const auto& finding : voyage.resource.status.findings) {
        found = found || finding.name == wanted;
        CHECK_FALSE(finding.remedy.empty());
    }
    INFO(voyage.resource.status.message);
    CHECK(found);
}

}  // namespace
}  // namespace oms::fakes
