// Goal: whatever a person does to the resource, and whenever, OMS ends in one piece.
// Method: change the resource after each write of a whole upgrade in turn.

#include "catch.hpp"
#include "fakes/voyage.hpp"
#include "upgrade/intake.hpp"

namespace oms::fakes {
namespace {

using namespace std::chrono_literals;
using api::Outcome;

TEST_CASE("deleting the resource at any moment puts OMS back before it is let go",
          "[simulation][life]") {
    const std::string before = Voyage{}.world.fingerprint();
    int moment = 1;
    for (;; ++moment) {
        Voyage voyage;
        bool ended = false;
        voyage.meanwhile = [&](api::OmsUpgrade& resource, int writes) {
            ended = ended || resource.status.run->outcome == Outcome::Succeeded;
            if (writes >= moment) resource.deleting = true;
        };
        voyage.run_to_the_end();
        INFO("deleted after write " << moment);
        REQUIRE(voyage.let_go);
        CHECK(voyage.world.damage.empty());
        if (ended) break;
        CHECK(voyage.world.fingerprint() == before);
    }
    CHECK(moment > 20);
}

TEST_CASE("asking for a rollback at any moment puts OMS back", "[simulation][life]") {
    const std::string before = Voyage{}.world.fingerprint();
    int moment = 1;
    for (bool ended = false; !ended; ++moment) {
        Voyage voyage;
        voyage.meanwhile = [&](api::OmsUpgrade& resource, int writes) {
            ended = ended || resource.status.run->outcome == Outcome::Succeeded;
            if (writes >= moment) resource.spec.rollback.requested = true;
        };
        voyage.run_to_the_end();
        INFO("asked for after write " << moment << ": " << voyage.resource.status.message);
        CHECK(voyage.outcome() == Outcome::RolledBack);
        CHECK(voyage.world.damage.empty());
        CHECK(voyage.world.fingerprint() == before);
    }
    CHECK(moment > 20);
}

TEST_CASE("a finished upgrade that is applied again unchanged does nothing", "[simulation][life]") {
    Voyage voyage;
    voyage.run_to_the_end();
    const auto writes = voyage.history.size();
    const std::string world = voyage.world.fingerprint();
    voyage.run_to_the_end();
    CHECK(voyage.history.size() == writes);
    CHECK(voyage.world.fingerprint() == world);
}

// Goal: a manifest that is put back by a pipeline neither drops databases nor loses the way back.
TEST_CASE("an older version in the manifest is no rollback, and the way back stays",
          "[simulation][life]") {
    Voyage voyage;
    const std::string before = voyage.world.fingerprint();
    voyage.run_to_the_end();
    const std::string upgraded = voyage.world.fingerprint();
    voyage.resource.spec.target_version = "4.3.0";
    ++voyage.resource.generation;
    voyage.run_to_the_end();
    CHECK(voyage.resource.status.phase == "OlderVersion");
    CHECK(voyage.resource.status.observed_generation == 2);
    CHECK(voyage.world.fingerprint() == upgraded);
    voyage.resource.spec.target_version = "4.3.1";
    voyage.resource.spec.deadlines.front().seconds = 41;
    ++voyage.resource.generation;
    voyage.run_to_the_end();
    CHECK(voyage.resource.status.phase == "Succeeded");
    CHECK(voyage.resource.status.observed_generation == 3);
    CHECK(voyage.resource.status.run->generation == 1);
    voyage.resource.spec.rollback.requested = true;
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::RolledBack);
    CHECK(voyage.world.fingerprint() == before);
}

TEST_CASE("an edit in flight bends nothing, and is taken up afterwards", "[simulation][life]") {
    Voyage voyage;
    voyage.meanwhile = [](api::OmsUpgrade& resource, int writes) {
        if (writes != 10) return;
        resource.spec.target_version = "4.2.0";
        ++resource.generation;
    };
    voyage.run_to_the_end();
    bool succeeded = false;
    for (const auto& status : voyage.history) {
        succeeded = succeeded || status.run->outcome == Outcome::Succeeded;
        // Until the first run ends the edit counts as not observed: kstatus says InProgress.
        if (!succeeded) CHECK(status.observed_generation == 1);
    }
    CHECK(succeeded);
    CHECK(voyage.resource.status.observed_generation == 2);
    CHECK(voyage.resource.status.phase == "OlderVersion");
    CHECK(voyage.world.running() == "oms_431");
}

TEST_CASE("with onFailure Manual a failed run waits for a person", "[simulation][life]") {
    Voyage voyage;
    const std::string before = voyage.world.fingerprint();
    voyage.resource.spec.rollback.on_failure = api::OnFailure::Manual;
    voyage.world.nature.script_exit = 3;
    voyage.run_to_the_end();
    CHECK_FALSE(voyage.outcome().has_value());
    CHECK(voyage.resource.status.phase == "Held");
    CHECK(voyage.world.running() == "oms_431");
    const auto writes = voyage.history.size();
    voyage.run_to_the_end();
    CHECK(voyage.history.size() == writes);

    voyage.resource.spec.rollback.requested = true;
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::RolledBack);
    CHECK(voyage.world.fingerprint() == before);
}

TEST_CASE("an upgrade waits for its approval before it touches OMS", "[simulation][life]") {
    Voyage voyage;
    const std::string before = voyage.world.fingerprint();
    voyage.resource.spec.approval = api::Approval::Required;
    voyage.run_for(1h);
    CHECK(voyage.resource.status.phase == "Approve");
    const auto writes = voyage.history.size();
    voyage.run_for(24h);
    CHECK(voyage.history.size() == writes);
    CHECK(voyage.world.fingerprint() == before);
    CHECK_FALSE(voyage.world.images.empty());
    voyage.resource.spec.approval = api::Approval::Granted;
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::Succeeded);
}

TEST_CASE("a config.yaml that is edited while an upgrade waits for its approval is checked anew",
          "[simulation][life]") {
    Voyage voyage;
    voyage.resource.spec.approval = api::Approval::Required;
    voyage.run_for(1h);
    voyage.world.files["/data/config.yaml"] += "\"drc_new_key\": \"1\"\n";
    const std::string before = voyage.world.fingerprint();
    voyage.resource.spec.approval = api::Approval::Granted;
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::Refused);
    CHECK(voyage.resource.status.message.find("config.yaml of oms_430 was edited") !=
          std::string::npos);
    CHECK(voyage.world.fingerprint() == before);

    voyage.resource.annotations[std::string(api::kRetry)] = "1";
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::Succeeded);
}

TEST_CASE("a failed rollback keeps everything and goes on when it is told to",
          "[simulation][life]") {
    Voyage voyage;
    const std::string before = voyage.world.fingerprint();
    voyage.world.nature.script_exit = 3;
    bool lost = false;
    voyage.meanwhile = [&](api::OmsUpgrade& resource, int) {
        const auto& cursor = resource.status.run->cursor;
        if (!lost && cursor.goal == api::Goal::Reverted && cursor.phase == "BackupMetaDB") {
            lost = true;
            voyage.world.nature.meta_db_unreachable = true;
        }
    };
    voyage.run_to_the_end();
    REQUIRE(voyage.outcome() == Outcome::Failed);
    CHECK(voyage.world.dumps.size() == 3);
    CHECK_FALSE(voyage.world.running().has_value());
    CHECK(voyage.resource.status.message.find("oms.oceanbase.com/retry") != std::string::npos);

    voyage.world.nature.meta_db_unreachable = false;
    voyage.resource.annotations[std::string(api::kRetry)] = "1";
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::RolledBack);
    CHECK(voyage.world.fingerprint() == before);
    CHECK(voyage.world.damage.empty());
}

TEST_CASE("a run that was rolled back can be tried again", "[simulation][life]") {
    Voyage voyage;
    voyage.world.nature.never_healthy = true;
    voyage.run_to_the_end();
    REQUIRE(voyage.outcome() == Outcome::RolledBack);

    Voyage again;
    again.world.nature.script_exit = 3;
    again.run_to_the_end();
    REQUIRE(again.outcome() == Outcome::RolledBack);
    const std::string first = again.resource.status.run->id;
    again.run_to_the_end();
    CHECK(again.resource.status.run->id == first);
}

TEST_CASE("a second upgrade of the same OMS waits and says for whom", "[life]") {
    const api::OmsUpgrade resource = smallest_upgrade();
    const auto answer = upgrade::take_in(
        resource, {}, api::Key{"prod", "first"}, {}, Time{std::chrono::seconds{1}});
    const auto* hang = std::get_if<upgrade::Hang>(&answer);
    REQUIRE(hang != nullptr);
    CHECK(hang->look_again);
    CHECK(hang->status.message.find("prod/first") != std::string::npos);
    CHECK_FALSE(hang->status.run.has_value());
}

TEST_CASE("OMS is stopped only when its maintenance window is open", "[simulation][life]") {
    Voyage voyage;
    const std::string before = voyage.world.fingerprint();
    // The world begins on Tuesday, 2023-11-14T22:13:20Z.
    voyage.resource.spec.maintenance_window = api::MaintenanceWindow{
        .days = {api::Weekday::Wed}, .start = "01:00", .duration_minutes = 5, .time_zone = "UTC"};
    SECTION("and is not taken back when it closes meanwhile") {
        voyage.world.nature.looks_of_script = 2'000;  // some minutes of looks
        voyage.resource.spec.deadlines = {{"UpgradeMetadata", 86'400}};
        voyage.run_to_the_end();
        CHECK(voyage.outcome() == Outcome::Succeeded);
        const auto& status = voyage.resource.status;
        CHECK(*status.times.t1 >= *from_rfc3339("2023-11-15T01:00:00Z"));
        CHECK(*status.times.t2 > *from_rfc3339("2023-11-15T01:05:00Z"));
        CHECK(status.last_duration_seconds > 300);
    }
    SECTION("and not when what the last run took is not left of it") {
        voyage.resource.status.last_duration_seconds = 301;
        voyage.run_for(std::chrono::hours{24});
        CHECK(voyage.world.fingerprint() == before);
        const std::string& message = voyage.resource.status.message;
        INFO(message);
        CHECK(message.find("lengthen it") != std::string::npos);
    }
}

}  // namespace
}  // namespace oms::fakes
