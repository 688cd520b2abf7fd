// Goal: a cm database that is separated lives at its new place afterwards, its old one is never
//       touched, and going back leaves nothing behind; nobody else's database is.
// Method: the fakes' world with a second server, and what is there before and after.

#include "catch.hpp"
#include "fakes/voyage.hpp"
#include "oms/config.hpp"

#include <algorithm>

namespace oms::fakes {
namespace {

using api::Outcome;
using namespace std::chrono_literals;

const api::Finding* finding(const Voyage& voyage, const std::string& name) {
    const auto& all = voyage.resource.status.findings;
    const auto at =
        std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
    return at == all.end() ? nullptr : &*at;
}

constexpr auto kBlocking =
    R"([{"id":"np_1","name":"orders","type":"MIGRATION","status":"RUNNING",)"
    R"("enableFullTransfer":true,"enableIncrTransfer":true,"enableReverseIncrTransfer":true}])";
constexpr auto kAtIncremental =
    R"([{"order":"6","name":"INCR_TRANSFER","status":"MONITORING","progress":"100"},)"
    R"({"order":"9","name":"REVERSE_INCR_TRANSFER","status":"INIT","progress":"0"}])";

TEST_CASE("a separated cm database lives at its new place, and the old one stays",
          "[simulation][separate]") {
    Voyage voyage;
    voyage.separate_cm();
    const auto old_cm = voyage.world.databases.at("oms_cm");
    voyage.run_to_the_end();
    INFO(voyage.resource.status.message);
    REQUIRE(voyage.outcome() == Outcome::Succeeded);
    CHECK(voyage.world.damage.empty());
    CHECK(voyage.world.databases.at("oms_cm") == old_cm);
    CHECK(voyage.world.databases.at("oms_rm") == "rm 4.3.1 projects");
    CHECK(voyage.world.far_databases.at("oms_cm") == "cm 4.3.1 hosts");
    CHECK(voyage.world.far_databases.at("oms_cm_hb") == "hb 4.3.1");
    const Config config = parse_config(voyage.world.files.at("/data/config.yaml"));
    CHECK(config.rm.host == "10.0.0.3");
    CHECK(config.cm.host == "10.0.0.9");
    CHECK(config.cm.user == "cm");
    REQUIRE(finding(voyage, "SeparateCMByOperator") != nullptr);
    const auto& carried = voyage.resource.status.before.carried_databases;
    REQUIRE(carried.size() == 2);
    CHECK(carried[0] == api::CarriedDatabase{"oms_cm", "oms_cm", "10.0.0.9:2883", true});
}

TEST_CASE("going back from a separated cm database leaves no copy behind",
          "[simulation][separate]") {
    Voyage voyage;
    voyage.separate_cm();
    const std::string before = voyage.world.fingerprint();
    SECTION("when OMS never becomes healthy") {
        voyage.world.nature.never_healthy = true;
    }
    SECTION("when it is asked for after success") {
        voyage.meanwhile = [](api::OmsUpgrade& resource, int) {
            const auto& outcome = resource.status.run->outcome;
            if (outcome == Outcome::Succeeded) resource.spec.rollback.requested = true;
        };
    }
    SECTION("from below 4.0.1") {
        voyage.world.become_old();
        voyage.world.tasks = {{"p_1", "orders"}, {"p_3", "payments"}};
        const std::string old = voyage.world.fingerprint();
        voyage.world.nature.jar_exit = 1;
        voyage.run_to_the_end();
        CHECK(voyage.outcome() == Outcome::RolledBack);
        CHECK(voyage.world.fingerprint() == old);
        CHECK(voyage.world.damage.empty());
        return;
    }
    voyage.run_to_the_end();
    INFO(voyage.resource.status.message);
    CHECK(voyage.outcome() == Outcome::RolledBack);
    CHECK(voyage.world.fingerprint() == before);
    CHECK(voyage.world.far_databases.empty());
    CHECK(voyage.world.damage.empty());
}

TEST_CASE("somebody's database at the new place is never touched", "[simulation][separate]") {
    Voyage voyage;
    voyage.separate_cm();
    SECTION("it is there from the first") {
        voyage.world.far_databases["oms_cm_hb"] = "somebody's";
        voyage.world.strangers = {"oms_cm_hb"};
        voyage.run_to_the_end();
        CHECK(voyage.outcome() == Outcome::Refused);
        CHECK(finding(voyage, "SeparateCM") != nullptr);
    }
    SECTION("it comes while OMS is being stopped") {
        voyage.meanwhile = [&](api::OmsUpgrade& resource, int) {
            if (resource.status.run->cursor.phase != "StopOMS") return;
            voyage.world.far_databases["oms_cm_hb"] = "somebody's";
            voyage.world.strangers = {"oms_cm_hb"};
        };
        voyage.run_to_the_end();
        CHECK(voyage.outcome() == Outcome::RolledBack);
    }
    INFO(voyage.resource.status.message);
    CHECK(voyage.world.far_databases.size() == 1);
    CHECK(voyage.world.far_databases.at("oms_cm_hb") == "somebody's");
    CHECK(voyage.world.running() == "oms_430");
    CHECK(voyage.world.damage.empty());
}

TEST_CASE("a task that has not proceeded far enough refuses the separation, or is waived by name",
          "[simulation][separate]") {
    Voyage voyage;
    voyage.separate_cm();
    voyage.world.console_rows = kBlocking;
    voyage.world.console_steps = kAtIncremental;
    const std::string before = voyage.world.fingerprint();
    SECTION("refused") {
        voyage.run_to_the_end();
        CHECK(voyage.outcome() == Outcome::Refused);
        REQUIRE(finding(voyage, "TaskGate/np_1") != nullptr);
        CHECK(finding(voyage, "TaskGate/np_1")->message ==
              "the migration task np_1 (orders) is at INCR_TRANSFER (MONITORING); it must enter "
              "REVERSE_INCR_TRANSFER before the CM database is separated");
        CHECK(voyage.world.fingerprint() == before);
    }
    SECTION("waived") {
        voyage.resource.spec.prechecks.waive = {"TaskGate/np_1"};
        voyage.run_to_the_end();
        CHECK(voyage.outcome() == Outcome::Succeeded);
    }
    SECTION("not asked for where cm is not separated") {
        voyage.resource.spec.meta_db.separate_cm.reset();
        voyage.run_to_the_end();
        CHECK(voyage.outcome() == Outcome::Succeeded);
        CHECK(voyage.world.console_calls == 0);
    }
}

TEST_CASE("a wrong password of the console is asked with once", "[simulation][separate]") {
    Voyage voyage;
    voyage.separate_cm();
    voyage.world.console_status = 401;
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::Refused);
    CHECK(voyage.world.console_calls == 1);
    REQUIRE(finding(voyage, "TaskGate") != nullptr);
}

TEST_CASE("a console that does not answer for a while is waited for", "[simulation][separate]") {
    Voyage voyage;
    voyage.separate_cm();
    voyage.world.console_status = 503;
    voyage.meanwhile = [&](api::OmsUpgrade&, int writes) {
        if (writes >= 2) voyage.world.console_status = 200;
    };
    voyage.run_to_the_end();
    INFO(voyage.resource.status.message);
    CHECK(voyage.outcome() == Outcome::Succeeded);
}

TEST_CASE("a separation waits for its approval, and tasks are looked at again when it comes",
          "[simulation][separate]") {
    Voyage voyage;
    voyage.separate_cm();
    voyage.resource.spec.approval = api::Approval::Required;
    voyage.run_for(1h);
    CHECK(voyage.resource.status.phase == "Approve");
    // The run is pinned to separate cm, whatever the spec says by now.
    voyage.resource.spec.approval = api::Approval::NotRequired;
    voyage.run_for(1h);
    CHECK(voyage.resource.status.phase == "Approve");
    const std::string before = voyage.world.fingerprint();
    voyage.world.console_rows = kBlocking;
    voyage.world.console_steps = kAtIncremental;
    voyage.resource.spec.approval = api::Approval::Granted;
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::Refused);
    CHECK(voyage.resource.status.message.find("TaskGate/np_1") != std::string::npos);
    CHECK(voyage.world.fingerprint() == before);
}

TEST_CASE("what names its database cannot be carried over under another name",
          "[simulation][separate]") {
    Voyage voyage;
    voyage.separate_cm();
    voyage.resource.spec.meta_db.separate_cm->cm_database = "oms_cm_431";
    voyage.world.bound = {"view v_hosts"};
    const std::string before = voyage.world.fingerprint();
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::Refused);
    REQUIRE(finding(voyage, "SeparateCM") != nullptr);
    CHECK(finding(voyage, "SeparateCM")->message.find("view v_hosts") != std::string::npos);
    CHECK(voyage.world.fingerprint() == before);
}

}  // namespace
}  // namespace oms::fakes
