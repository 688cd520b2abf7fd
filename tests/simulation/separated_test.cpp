// Goal: an OMS whose management and components have containers of their own is upgraded, and taken
//       back, with its tasks stopped and with its tasks kept running.
// Method: the fakes' world with one node of each; what must never happen leaves damage there.

#include "catch.hpp"
#include "fakes/voyage.hpp"

namespace oms::fakes {
namespace {

using api::Outcome;

const runtime::Container& component(const Voyage& voyage) {
    return voyage.world.containers.at("n1/oms_430");
}

std::string put_aside(const Voyage& voyage) {
    for (const auto& [name, container] : voyage.world.containers)
        if (name.find(".touched-") != std::string::npos) return container.state;
    return "";
}

void check_taken_back(const Voyage& voyage, const std::string& before) {
    INFO(voyage.resource.status.message);
    CHECK(voyage.outcome() == Outcome::RolledBack);
    CHECK(voyage.world.fingerprint() == before);
    CHECK(voyage.world.damage == std::vector<std::string>{});
    CHECK(voyage.world.healthy());
    CHECK_FALSE(voyage.world.containers.contains("n1/oms-upgrade-tool"));
}

TEST_CASE("without running tasks both kinds of nodes are upgraded in the same steps",
          "[simulation]") {
    Voyage voyage;
    voyage.become_separated(false);
    voyage.run_to_the_end();
    INFO(voyage.resource.status.message);
    CHECK(voyage.outcome() == Outcome::Succeeded);
    CHECK(voyage.world.damage == std::vector<std::string>{});
    CHECK(voyage.world.containers.at("oms_431").running);
    CHECK(voyage.world.containers.at("n1/oms_431").running);
    CHECK_FALSE(component(voyage).running);
}

TEST_CASE("without running tasks a failure takes both kinds of nodes back", "[simulation]") {
    Voyage voyage;
    voyage.become_separated(false);
    voyage.world.nature.script_exit = 3;
    const std::string before = voyage.world.fingerprint();
    voyage.run_to_the_end();
    check_taken_back(voyage, before);
}

TEST_CASE("tasks that are kept running are never interrupted on the way forward", "[simulation]") {
    Voyage voyage;
    voyage.become_separated(true);
    voyage.run_to_the_end();
    const api::Status& status = voyage.resource.status;
    INFO(status.message);
    REQUIRE(voyage.outcome() == Outcome::Succeeded);
    CHECK(voyage.world.damage == std::vector<std::string>{});
    CHECK(voyage.world.interruptions == 0);
    CHECK(component(voyage).running);
    CHECK(component(voyage).restart.name == "always");
    CHECK(voyage.world.healthy());
    // Nothing of the assistant tool is left, and its new name was not given to the components.
    CHECK_FALSE(voyage.world.containers.contains("n1/oms-upgrade-tool"));
    CHECK_FALSE(voyage.world.images.contains("n1/oms-tools:4.3.1"));
    CHECK_FALSE(voyage.world.containers.contains("n1/oms_431"));
    CHECK(status.follow_up.size() == 2);
    const bool told = std::any_of(status.findings.begin(), status.findings.end(), [](auto& one) {
        return one.name == "TasksInRollback" && one.severity == api::Severity::Info;
    });
    CHECK(told);
}

TEST_CASE("a component script that fails, or hangs, takes its container back from the old image",
          "[simulation]") {
    Voyage voyage;
    voyage.become_separated(true);
    const bool hangs = GENERATE(false, true);
    voyage.world.nature.component_exit = hangs ? 0 : 3;
    voyage.world.nature.component_script_hangs = hangs;
    const std::string before = voyage.world.fingerprint();
    voyage.run_to_the_end();
    check_taken_back(voyage, before);
    CHECK(voyage.resource.status.run->cursor.failure->starts_with("UpgradeComponents:"));
    CHECK(put_aside(voyage) == "exited");
    CHECK(voyage.world.interruptions == 1);
    // The management was never stopped.
    CHECK_FALSE(voyage.resource.status.times.t1.has_value());
}

TEST_CASE("components go back too when the management fails after them", "[simulation]") {
    Voyage voyage;
    voyage.become_separated(true);
    voyage.world.nature.never_healthy = true;
    voyage.world.nature.only_on = 0;
    const std::string before = voyage.world.fingerprint();
    voyage.run_to_the_end();
    check_taken_back(voyage, before);
    CHECK(put_aside(voyage) == "exited");
}

TEST_CASE("an assistant image for another architecture is refused with nothing touched",
          "[simulation]") {
    Voyage voyage;
    voyage.become_separated(true);
    voyage.world.nature.assistant_architecture = "arm64";
    const std::string before = voyage.world.fingerprint();
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::Refused);
    CHECK(voyage.world.fingerprint() == before);
    CHECK(voyage.resource.status.message.find("arm64") != std::string::npos);
}

TEST_CASE("tasks are not kept running from a source for which the procedure has no way",
          "[simulation]") {
    Voyage voyage;
    voyage.world.become_old();
    voyage.become_separated(true);
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::Refused);
    const auto& findings = voyage.resource.status.findings;
    CHECK(std::any_of(findings.begin(), findings.end(), [](const api::Finding& one) {
        return one.name == "ComponentSource";
    }));
}

TEST_CASE("a component node of which no component runs is not well", "[simulation]") {
    Voyage voyage;
    voyage.become_separated(true);
    voyage.world.containers.at("n1/oms_430").running = false;
    voyage.world.ha = R"({"enable":false})";
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::Refused);
    CHECK(voyage.resource.status.message.find("OmsHealthy") != std::string::npos);
}

}  // namespace
}  // namespace oms::fakes
