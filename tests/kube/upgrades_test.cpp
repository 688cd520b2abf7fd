#include "kube/upgrades.hpp"

#include "api/json.hpp"
#include "base/base64.hpp"
#include "catch.hpp"
#include "kube/errors.hpp"
#include "objects.hpp"

#include <nlohmann/json.hpp>

namespace oms::kube {
namespace {

using Json = nlohmann::json;

api::OmsUpgrade upgrade() {
    api::OmsUpgrade made;
    made.key = {"prod", "to-431"};
    made.uid = "u1";
    made.resource_version = "7";
    made.finalizers = {"other/one"};
    made.status.phase = "Precheck";
    made.status.message = "looking";
    made.status.follow_up = {"clear the cache"};
    return made;
}

}  // namespace

TEST_CASE("paths are those of the API", "[kube]") {
    CHECK(upgrades_path() == "/apis/oms.oceanbase.com/v1alpha1/omsupgrades");
    CHECK(upgrade_path({"prod", "to-431"}) ==
          "/apis/oms.oceanbase.com/v1alpha1/namespaces/prod/omsupgrades/to-431");
}

TEST_CASE("which OMS a run works on is read without the rest of its resource", "[kube]") {
    auto stored = upgrade();
    stored.spec.nodes = {{.docker = {.endpoint = "unix:///edited.sock"}, .container = "edited"}};
    const auto text = [&] { return api::to_json(stored).dump(); };
    CHECK_FALSE(read_run(digest(text()), text()).status.run.has_value());
    CHECK_FALSE(read_run(digest("{}"), "{}").status.run.has_value());
    stored.status.run.emplace();
    stored.status.run->spec.nodes = {
        {.docker = {.endpoint = "unix:///a \"b\".sock"}, .container = "oms_430"}};
    const auto found = read_run(digest(text()), text());
    CHECK(found.key == stored.key);
    CHECK(found.status.run->spec == read_upgrade(text()).status.run->spec);
    CHECK(found.status.run->spec.nodes == stored.status.run->spec.nodes);
    CHECK_THROWS_AS(read_run({}, R"({"status":{"run":{"spec":{]}}})"), Transient);
}

TEST_CASE("of what somebody else wrote, the whole status is read and the wish to go back",
          "[kube]") {
    auto stored = upgrade();
    stored.spec.rollback.requested = true;
    const auto text = api::to_json(stored).dump();
    const auto found = read_standing(digest(text), text);
    CHECK(found.key == stored.key);
    CHECK(found.uid == stored.uid);
    CHECK(found.status == read_upgrade(text).status);
    CHECK(found.spec.rollback.requested);
    const auto nothing = read_standing(digest("{}"), "{}");
    CHECK(nothing.status == api::Status{});
    CHECK_FALSE(nothing.spec.rollback.requested);
}

TEST_CASE("a status is written by its difference, under the version that was read", "[kube]") {
    TestServer server;
    server.script->answer(200, object("to-431", "u1", "8"));
    auto read = upgrade();
    auto wanted = read.status;
    wanted.phase = "LoadImage";
    wanted.follow_up.clear();
    CHECK(Upgrades(*server.client).write_status(read, wanted) == "8");
    const auto request = server.script->requests().front();
    CHECK(request.method == "PATCH");
    CHECK(request.target == upgrade_path(read.key) + "/status");
    CHECK(Json::parse(request.body) ==
          Json{{"metadata", {{"resourceVersion", "7"}}},
               {"status", {{"phase", "LoadImage"}, {"followUp", nullptr}}}});
}

TEST_CASE("what is already so is not written", "[kube]") {
    TestServer server;
    auto read = upgrade();
    read.finalizers.emplace_back(api::kFinalizer);
    Upgrades upgrades(*server.client);
    CHECK(upgrades.write_status(read, read.status) == "7");
    CHECK(upgrades.hold(read) == "7");
    CHECK(upgrades.release(upgrade()) == "7");
    CHECK(server.script->requests().empty());
}

TEST_CASE("a stale writer gets Conflict, and one of a deleted resource nothing", "[kube]") {
    TestServer server;
    server.script->answer(409, status(409, "Conflict"));
    server.script->answer(404, status(404, "NotFound"));
    Upgrades upgrades(*server.client);
    api::Status wanted;
    wanted.phase = "x";
    CHECK_THROWS_AS(upgrades.write_status(upgrade(), wanted), Conflict);
    CHECK_FALSE(upgrades.write_status(upgrade(), wanted).has_value());
}

TEST_CASE("our finalizer comes and goes beside others'", "[kube]") {
    TestServer server;
    server.script->answer(200, object("to-431", "u1", "8"));
    server.script->answer(200, object("to-431", "u1", "9"));
    Upgrades upgrades(*server.client);
    auto read = upgrade();
    CHECK(upgrades.hold(read) == "8");
    read.finalizers.emplace_back(api::kFinalizer);
    CHECK(upgrades.release(read) == "9");
    const auto body = [&](std::size_t at) {
        return Json::parse(server.script->requests().at(at).body)["metadata"];
    };
    CHECK(body(0)["finalizers"] == Json{"other/one", api::kFinalizer});
    CHECK(body(0)["resourceVersion"] == "7");
    CHECK(body(1)["finalizers"] == Json::array({"other/one"}));
}

TEST_CASE("a Secret is read, its values never told", "[kube]") {
    TestServer server;
    server.script->answer(200,
                          R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"db",)"
                          R"("namespace":"prod"},"data":{"password":")" +
                              to_base64("hush") + R"("}})");
    server.script->answer(404, status(404, "NotFound"));
    server.script->answer(200,
                          R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"db",)"
                          R"("namespace":"prod"},"data":{"password":"hush-hush"}})");
    const Upgrades upgrades(*server.client);
    const auto secret = upgrades.find_secret({"prod", "db"});
    REQUIRE(secret.has_value());
    CHECK(secret->values.at("password").reveal() == "hush");
    CHECK_FALSE(upgrades.find_secret({"prod", "db"}).has_value());
    try {
        upgrades.find_secret({"prod", "db"});
        FAIL("nothing was thrown");
    } catch (const Terminal& failure) {
        CHECK(std::string(failure.what()).find("prod/db") != std::string::npos);
        CHECK(std::string(failure.what()).find("hush") == std::string::npos);
    }
}

}  // namespace oms::kube
