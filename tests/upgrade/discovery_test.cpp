// Goal: what OMS knows of its nodes becomes nodes that can be reached, and nothing else does.
// Method: a survey of one node, and a table of what it lists.

#include "upgrade/discovery.hpp"

#include "catch.hpp"
#include "fakes/voyage.hpp"

namespace oms::upgrade {
namespace {

/// The node 10.0.0.1 of an OMS, and all that it tells of others.
struct Site {
    Target target{.run_id = "uid-1", .spec = fakes::smallest_upgrade().spec};
    Survey found;

    Site() {
        target.spec.discovery =
            api::DiscoverySpec{.endpoint_pattern = "tcp://{ip}:2376", .tls_secret = {"docker"}};
        add_node("10.0.0.1");
        found.meta.emplace();
    }

    void add_node(const std::string& ip) {
        NodeSurvey node;
        node.container = runtime::Container{.name = "oms_430"};
        node.container->environment = {{"OMS_HOST_IP", ip}};
        node.settings = Config{};
        node.settings->cm_nodes = {"10.0.0.1"};
        found.nodes.push_back(node);
    }

    std::vector<std::string>& cm_nodes() { return found.nodes.front().settings->cm_nodes; }

    std::vector<std::string> endpoints() const {
        const Discovery all = discover(target, found);
        INFO(all.trouble.value_or(""));
        CHECK_FALSE(all.trouble.has_value());
        std::vector<std::string> list;
        for (const auto& node : all.nodes) list.push_back(node.docker.endpoint);
        return list;
    }

    std::string trouble() const {
        const Discovery all = discover(target, found);
        CHECK(all.nodes.empty());
        return all.trouble.value_or("");
    }
};

using Endpoints = std::vector<std::string>;

TEST_CASE("a node that OMS lists anywhere is discovered once", "[discovery]") {
    Site site;
    site.cm_nodes() = {"10.0.0.2", "10.0.0.1"};
    site.found.meta->hosts = {
        {"10.0.0.1", "ONLINE"}, {"10.0.0.10", "ONLINE"}, {"10.0.0.2", "ONLINE"}};
    CHECK(site.endpoints() == Endpoints{"tcp://10.0.0.2:2376", "tcp://10.0.0.10:2376"});
}

TEST_CASE("a host of MetaDB that is not ONLINE is none", "[discovery]") {
    Site site;
    site.found.meta->hosts = {{"10.0.0.2", "OFFLINE"}, {"10.0.0.3", ""}};
    CHECK(site.endpoints().empty());
}

TEST_CASE("a discovered node is as the first one, but for its address", "[discovery]") {
    Site site;
    site.target.spec.nodes.front().host_ip = "10.0.0.1";
    site.target.spec.nodes.front().new_container = "oms_new";
    site.cm_nodes().emplace_back("10.0.0.2");
    const Discovery all = discover(site.target, site.found);
    REQUIRE(all.nodes.size() == 1);
    CHECK(all.nodes.front() == api::NodeSpec{.docker = {.endpoint = "tcp://10.0.0.2:2376",
                                                        .tls_secret = api::SecretRef{"docker"}},
                                             .container = "oms_430",
                                             .new_container = "oms_new",
                                             .host_ip = std::nullopt,
                                             .role = api::Role::All,
                                             .region = std::nullopt});
}

TEST_CASE("an address of IPv6 is put into brackets", "[discovery]") {
    Site site;
    site.cm_nodes().emplace_back("fd00::2");
    CHECK(site.endpoints() == Endpoints{"tcp://[fd00::2]:2376"});
}

TEST_CASE("what was discovered is not discovered again, seen or not", "[discovery]") {
    Site site;
    site.cm_nodes().emplace_back("10.0.0.2");
    api::Status status;
    status.run.emplace();
    status.run->spec = site.target.spec;
    record_discovery(discover(site.target, site.found), status);
    site.target.spec = status.run->spec;
    site.target.discovered_nodes = static_cast<std::size_t>(status.run->discovered_nodes);
    REQUIRE(site.target.spec.nodes.size() == 2);
    SECTION("it cannot be reached") {
        site.found.nodes.emplace_back();
    }
    SECTION("it is seen") {
        site.add_node("10.0.0.2");
    }
    SECTION("another one was reached instead") {
        site.add_node("10.0.0.77");
    }
    CHECK(site.endpoints().empty());

    // It may know more than the first one does.
    if (!site.found.nodes.back().settings) return;
    site.found.nodes.back().settings->cm_nodes = {"10.0.0.3"};
    CHECK(site.endpoints() == Endpoints{"tcp://10.0.0.3:2376"});
}

TEST_CASE("nothing is told before everything is seen that could tell", "[discovery]") {
    Site site;
    site.cm_nodes().emplace_back("10.0.0.2");
    SECTION("a node whose address nobody knows may be the one that is listed") {
        site.target.spec.nodes.push_back(site.target.spec.nodes.front());
        site.target.spec.nodes.back().container = "oms_b";
        site.found.nodes.emplace_back();
        CHECK(site.trouble().find("spec.nodes[1]") != std::string::npos);
    }
    SECTION("config.yaml of the first node") {
        site.found.nodes.front().settings.reset();
        CHECK(site.trouble().find("config.yaml") != std::string::npos);
    }
    SECTION("MetaDB") {
        site.found.meta->error = LookError{.what = "connection refused", .transient = true};
        CHECK(site.trouble().find("MetaDB") != std::string::npos);
    }
}

TEST_CASE("what would be no node of a manifest is none here either", "[discovery]") {
    Site site;
    SECTION("no address") {
        site.cm_nodes().emplace_back("10.0.0.2 # the old one");
        CHECK(site.trouble().find("docker.endpoint") != std::string::npos);
    }
    SECTION("more than may be") {
        for (int node = 2; node <= 33; ++node)
            site.cm_nodes().push_back("10.0.0." + std::to_string(node));
        CHECK(site.trouble().find("32") != std::string::npos);
    }
}

TEST_CASE("without spec.discovery nothing is discovered", "[discovery]") {
    Site site;
    site.target.spec.discovery.reset();
    site.cm_nodes().emplace_back("10.0.0.2");
    CHECK(site.endpoints().empty());
}

}  // namespace
}  // namespace oms::upgrade
