// Goal: at every write a tool that reads the resource comes to the verdict a person would.
// Method: take every status of whole upgrades through kstatus' rules, in its order.

#include "catch.hpp"
#include "fakes/voyage.hpp"
#include "upgrade/intake.hpp"
#include "upgrade/plan.hpp"

#include <set>

namespace oms::upgrade {
namespace {

using api::ConditionStatus;

ConditionStatus value(const api::Status& status, const std::string& type) {
    for (const auto& condition : status.conditions)
        if (condition.type == type) return condition.status;
    FAIL("no condition " << type);
    return ConditionStatus::Unknown;
}

/// cli-utils pkg/kstatus/status, generic rules.
std::string kstatus(const api::Status& status, std::int64_t generation) {
    if (status.observed_generation != generation) return "InProgress";
    if (value(status, "Reconciling") == ConditionStatus::True) return "InProgress";
    if (value(status, "Stalled") == ConditionStatus::True) return "Failed";
    return value(status, "Ready") == ConditionStatus::True ? "Current" : "InProgress";
}

void check_every_write(const fakes::Voyage& voyage, const std::string& end) {
    REQUIRE(voyage.history.size() > 1);
    for (std::size_t i = 0; i < voyage.history.size(); ++i) {
        const api::Status& status = voyage.history[i];
        const bool last = i + 1 == voyage.history.size();
        INFO("write " << i << ": " << status.phase << ", " << status.message);
        CHECK(status.observed_generation == 1);
        CHECK(kstatus(status, 1) == (last ? end : "InProgress"));
        CHECK_FALSE(status.message.empty());
        std::set<std::string> types;
        for (const auto& condition : status.conditions) {
            CHECK(types.insert(condition.type).second);
            CHECK_FALSE(condition.reason.empty());
            CHECK(condition.observed_generation == 1);
            CHECK(condition.last_transition_time > Time{});
        }
        CHECK(types.size() == 4 + 10 + 1);
    }
}

TEST_CASE("a success reads InProgress until it is Current", "[summarize]") {
    fakes::Voyage voyage;
    voyage.run_to_the_end();
    check_every_write(voyage, "Current");
    CHECK(value(voyage.history.back(), "Succeeded") == ConditionStatus::True);
}

TEST_CASE("a rollback reads InProgress until it is Failed", "[summarize]") {
    fakes::Voyage voyage;
    voyage.world.nature.script_exit = 3;
    voyage.run_to_the_end();
    check_every_write(voyage, "Failed");
    CHECK(value(voyage.history.back(), "RolledBack") == ConditionStatus::True);
    CHECK(value(voyage.history.back(), "OMSStopped") == ConditionStatus::False);
    CHECK(value(voyage.history.back(), "Verified") == ConditionStatus::False);
}

TEST_CASE("a rollback that the spec asks for reads InProgress until it is Current", "[summarize]") {
    fakes::Voyage voyage;
    voyage.run_to_the_end();
    REQUIRE(voyage.outcome() == api::Outcome::Succeeded);
    voyage.history.clear();
    voyage.resource.spec.rollback.requested = true;
    voyage.run_to_the_end();
    check_every_write(voyage, "Current");
    CHECK(value(voyage.history.back(), "Succeeded") == ConditionStatus::False);
    CHECK(value(voyage.history.back(), "RolledBack") == ConditionStatus::True);
}

TEST_CASE("a refusal reads Failed", "[summarize]") {
    fakes::Voyage voyage;
    voyage.world.ha = "?";
    voyage.run_to_the_end();
    check_every_write(voyage, "Failed");
    CHECK(value(voyage.history.back(), "RolledBack") == ConditionStatus::False);
}

TEST_CASE("a paused upgrade reads InProgress and says so", "[summarize]") {
    api::OmsUpgrade resource = fakes::smallest_upgrade();
    resource.spec.paused = true;
    const auto answer = take_in(resource, {}, {}, kPlan, Time{std::chrono::seconds{5}});
    REQUIRE(std::holds_alternative<Hang>(answer));
    const api::Status& status = std::get<Hang>(answer).status;
    CHECK(kstatus(status, 1) == "InProgress");
    CHECK(status.phase == "Paused");
}

TEST_CASE("an invalid spec reads Failed with its reason", "[summarize]") {
    const auto answer = take_in(fakes::smallest_upgrade(),
                                "spec.nodes must not be empty",
                                {},
                                kPlan,
                                Time{std::chrono::seconds{5}});
    REQUIRE(std::holds_alternative<Hang>(answer));
    const api::Status& status = std::get<Hang>(answer).status;
    CHECK(kstatus(status, 1) == "Failed");
    CHECK(status.message == "spec.nodes must not be empty");
}

}  // namespace
}  // namespace oms::upgrade
