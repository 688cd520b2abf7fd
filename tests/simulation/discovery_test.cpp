// Goal: nodes that the manifest leaves out are found, pinned before anything depends on them, and
//       upgraded with the others.
// Method: the fakes' world with four nodes and a manifest of fewer; no host is reached there that
//         the pinned spec does not name.

#include "catch.hpp"
#include "fakes/voyage.hpp"
#include "upgrade/explain.hpp"
#include "upgrade/plan.hpp"

#include <memory>

namespace oms::fakes {
namespace {

using api::Outcome;

std::vector<std::string> pinned(const api::Status& status) {
    std::vector<std::string> endpoints;
    for (const auto& node : status.run->spec.nodes) endpoints.push_back(node.docker.endpoint);
    return endpoints;
}

const std::vector<std::string> kAll{"unix:///var/run/docker.sock",
                                    "tcp://10.0.0.2:2376",
                                    "tcp://10.0.0.3:2376",
                                    "tcp://10.0.0.4:2376"};

const api::Finding* finding(const api::Status& status, const std::string& name) {
    for (const auto& one : status.findings)
        if (one.name == name) return &one;
    return nullptr;
}

TEST_CASE("nodes that the manifest leaves out are upgraded with the one that it names",
          "[simulation]") {
    Voyage voyage;
    voyage.become_large_by_discovery();
    voyage.run_to_the_end();
    const api::Status& status = voyage.resource.status;
    INFO(status.message);
    REQUIRE(voyage.outcome() == Outcome::Succeeded);
    CHECK(voyage.world.damage == std::vector<std::string>{});
    CHECK(pinned(status) == kAll);
    CHECK(status.run->discovered_nodes == 3);
    CHECK(status.run->spec.nodes.back().docker.tls_secret == api::SecretRef{"docker"});
    CHECK(voyage.resource.spec.nodes.size() == 1);
    REQUIRE(status.before.nodes.size() == 4);
    CHECK(status.before.nodes.back().host_ip == "10.0.0.4");
    for (const auto* name : {"oms_431", "n1/oms_431", "n2/oms_431", "n3/oms_431"})
        CHECK(voyage.world.containers.at(name).running);
}

TEST_CASE("after Precheck the nodes of a run stay as they are", "[simulation]") {
    Voyage voyage;
    voyage.become_large_by_discovery();
    voyage.world.nature.breaks_after_downtime = true;
    const std::string before = voyage.world.fingerprint();
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::RolledBack);
    CHECK(voyage.world.fingerprint() == before);
    CHECK(voyage.world.damage == std::vector<std::string>{});
    for (const auto& status : voyage.history)
        if (status.run->cursor.phase != "Precheck") CHECK(pinned(status) == kAll);
}

TEST_CASE("a node of the manifest wins over what would be discovered", "[simulation]") {
    Voyage voyage;
    voyage.become_large_by_discovery();
    voyage.resource.spec.nodes.push_back(voyage.resource.spec.nodes.front());
    api::NodeSpec& said = voyage.resource.spec.nodes.back();
    said.docker = {.endpoint = "tcp://10.0.0.3:2376", .tls_secret = api::SecretRef{"other"}};
    said.new_container = "oms_new";
    voyage.run_to_the_end();
    const api::Status& status = voyage.resource.status;
    INFO(status.message);
    REQUIRE(voyage.outcome() == Outcome::Succeeded);
    CHECK(voyage.world.damage == std::vector<std::string>{});
    CHECK(status.run->discovered_nodes == 2);
    CHECK(status.run->spec.nodes.size() == 4);
    CHECK(voyage.world.containers.at("n2/oms_new").running);
    CHECK(voyage.world.containers.at("n3/oms_431").running);
}

TEST_CASE("a node that the pattern does not reach is named with its remedy", "[simulation]") {
    Voyage voyage;
    voyage.become_large_by_discovery();
    voyage.resource.spec.discovery->endpoint_pattern = "tcp://{ip}:2375";
    const std::string before = voyage.world.fingerprint();
    voyage.run_to_the_end();
    const api::Status& status = voyage.resource.status;
    CHECK(voyage.outcome() == Outcome::Refused);
    CHECK(voyage.world.fingerprint() == before);
    const api::Finding* found = finding(status, "DockerReachable");
    REQUIRE(found != nullptr);
    CHECK(found->message == "nobody answers at tcp://10.0.0.2:2375");
    CHECK(found->remedy.find("spec.discovery") != std::string::npos);
}

TEST_CASE("a pattern that leads to another OMS is found out", "[simulation]") {
    Voyage voyage;
    voyage.become_large_by_discovery();
    voyage.world.containers.at("n2/oms_430").environment["OMS_HOST_IP"] = "10.0.0.77";
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::Refused);
    const api::Finding* found = finding(voyage.resource.status, "Nodes");
    REQUIRE(found != nullptr);
    CHECK(found->message.find("10.0.0.3") != std::string::npos);
}

TEST_CASE("without MetaDB nothing is discovered, and nothing is upgraded", "[simulation]") {
    Voyage voyage;
    voyage.become_large_by_discovery();
    voyage.world.nature.meta_db_unreachable = true;
    voyage.run_to_the_end();
    const api::Status& status = voyage.resource.status;
    CHECK(voyage.outcome() == Outcome::Refused);
    CHECK(status.run->spec.nodes.size() == 1);
    REQUIRE(finding(status, "Discovery") != nullptr);
    CHECK(finding(status, "MetaDB") != nullptr);
}

TEST_CASE("the plan shows what was discovered, and leaves the resource alone", "[simulation]") {
    Voyage voyage;
    voyage.become_large_by_discovery();
    const std::string before = voyage.world.fingerprint();
    const auto explained = upgrade::explain(
        voyage.resource,
        [&](const api::OmsUpgrade& draft) {
            voyage.reach(draft);
            return std::shared_ptr<upgrade::Outside>(std::shared_ptr<void>{}, &voyage.world);
        },
        [&] { return voyage.world.now; },
        {},
        upgrade::kPlan);
    INFO(explained.text);
    CHECK_FALSE(explained.refused);
    for (const std::string ip : {"10.0.0.2", "10.0.0.3", "10.0.0.4"}) {
        CHECK(explained.text.find("Discovered: oms_430 at tcp://" + ip + ":2376") !=
              std::string::npos);
        CHECK(explained.text.find("oms_430 on " + ip + ", region") != std::string::npos);
    }
    CHECK(voyage.world.fingerprint() == before);
    CHECK_FALSE(voyage.resource.status.run.has_value());
}

}  // namespace
}  // namespace oms::fakes
