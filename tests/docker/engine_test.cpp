#include "base/error.hpp"
#include "catch.hpp"
#include "docker/docker_host.hpp"
#include "docker/engine_api.hpp"
#include "docker/recorded.hpp"
#include "docker/script.hpp"

#include <nlohmann/json.hpp>

namespace oms::docker {
namespace {

using fakes::reply;
using fakes::Script;

struct Daemon {
    explicit Daemon(Script::Answer answer)
        : host(make_docker_host(std::make_unique<Script>(seen, std::move(answer)))) {}

    std::vector<http::Request> seen;
    std::unique_ptr<runtime::Host> host;
};

TEST_CASE("the API version is the newest that both sides speak", "[docker]") {
    CHECK(negotiate("1.39") == "1.39");
    CHECK(negotiate("1.41") == "1.41");
    CHECK(negotiate("1.44") == "1.44");
    CHECK(negotiate("1.52") == "1.44");
    CHECK(negotiate("2.0") == "1.44");
    CHECK_THROWS_AS(negotiate("1.38"), Terminal);
    for (const char* odd : {"", "1", "1.", ".41", "one", "1.41x", "-1.5x", "1.99999999999999"})
        CHECK_THROWS_AS(negotiate(odd), Terminal);
}

TEST_CASE("the version is asked for once, and stands in every path", "[docker]") {
    Daemon daemon([](const auto&) { return reply(404, R"({"message":"No such container"})"); });
    CHECK_FALSE(daemon.host->find_container("oms").has_value());
    CHECK_FALSE(daemon.host->find_image("oms:1/2").has_value());
    REQUIRE(daemon.seen.size() == 3);
    CHECK(daemon.seen[0].target == "/_ping");
    CHECK(daemon.seen[1].target == "/v1.41/containers/oms/json");
    CHECK(daemon.seen[2].target == "/v1.41/images/oms%3A1%2F2/json");
}

// Goal: an operator that leads no more touches nothing, and may still look.
TEST_CASE("without a permit a daemon is looked at and not touched", "[docker]") {
    const std::string name = recorded("container_running").at("Name").get<std::string>().substr(1);
    std::vector<http::Request> seen;
    const auto host = make_docker_host(
        std::make_unique<Script>(
            seen, [](const auto&) { return reply(200, recorded("container_running").dump()); }),
        Permit([] { return false; }));
    CHECK(host->find_container(name).has_value());
    CHECK_THROWS_AS(host->start(name), Stopped);
    CHECK_THROWS_AS(host->stop(name, std::chrono::seconds{1}, {}), Stopped);
    CHECK_THROWS_AS(host->set_restart_policy(name, {}), Stopped);
    CHECK_THROWS_AS(host->launch(name, {"true"}), Stopped);
    CHECK_THROWS_AS(host->ask(name, {"true"}, std::chrono::seconds{1}), Stopped);
    CHECK_THROWS_AS(host->image_holds("oms:1", "/x"), Stopped);
    for (const auto& request : seen) CHECK(request.method == "GET");
}

/// Answers every request alike, /_ping too.
class Stranger final : public http::Transport {
public:
    explicit Stranger(http::Response answer) : answer_(std::move(answer)) {}
    http::Response send(const http::Request&) override { return answer_; }
    http::Response stream(const http::Request&, const http::OnBytes&) override { return answer_; }

private:
    http::Response answer_;
};

TEST_CASE("a server that is not Docker is called by that name", "[docker]") {
    using Catch::Contains;
    const int status = GENERATE(200, 302, 404);
    const auto host = make_docker_host(std::make_unique<Stranger>(reply(status, "<html>hello")));
    CHECK_THROWS_WITH(host->info(), Contains("not a Docker daemon"));
    CHECK_THROWS_AS(host->info(), Terminal);
}

TEST_CASE("a proxy without its daemon may find it again", "[docker]") {
    const auto host = make_docker_host(std::make_unique<Stranger>(reply(502, "bad gateway")));
    CHECK_THROWS_AS(host->info(), Transient);
}

TEST_CASE("a daemon that was upgraded meanwhile is asked for its version again", "[docker]") {
    bool upgraded = true;
    Daemon daemon([&upgraded](const auto&) {
        if (std::exchange(upgraded, false))
            return reply(400, R"({"message":"client version 1.41 is too old"})");
        return reply(404);
    });
    CHECK_THROWS_AS(daemon.host->find_image("x"), Transient);
    CHECK_FALSE(daemon.host->find_image("x").has_value());
    CHECK(daemon.seen.at(2).target == "/_ping");
}

TEST_CASE("errors that may go away are told from those that need a person", "[docker]") {
    struct Case {
        int status;
        const char* message;
        bool transient;
    };
    for (const Case& one : {Case{500, "context deadline exceeded", true},
                            Case{503, "the daemon is shutting down", true},
                            Case{429, "toomanyrequests", true},
                            Case{409, "removal of container x is already in progress", true},
                            Case{409, "conflict", false},
                            Case{400, "invalid", false},
                            Case{403, "authorization denied by plugin", false},
                            Case{401, "who are you", false},
                            Case{500, "write /x: no space left on device", false},
                            Case{500, "mkdir /x: read-only file system", false}}) {
        INFO(one.message);
        if (one.transient)
            CHECK_THROWS_AS(fail(one.status, one.message, "a test"), Transient);
        else
            CHECK_THROWS_AS(fail(one.status, one.message, "a test"), Terminal);
    }
    CHECK_THROWS_WITH(fail(500, "no space left on device", "x"), Catch::Contains("disk"));
}

TEST_CASE("the daemon's own words are in the message", "[docker]") {
    Daemon daemon([](const auto&) { return reply(500, R"({"message":"very sorry"})"); });
    CHECK_THROWS_WITH(daemon.host->find_container("oms"),
                      Catch::Contains("GET /containers/oms/json") && Catch::Contains("very sorry"));
    CHECK(message_of(reply(500, "plain text")) == "plain text");
    CHECK(message_of(reply(500)) == "no reason given");
    CHECK(message_of(reply(500, std::string(1000, 'x'))).size() == 200);
}

// The daemon takes "7c2b" for the container whose id begins so; who stops "7c2b" means its name.
TEST_CASE("a container is found by its whole name or id only", "[docker]") {
    Daemon daemon([](const auto&) { return reply(200, recorded("container_running").dump()); });
    CHECK(daemon.host->find_container("oms_rich").has_value());
    CHECK(daemon.host
              ->find_container("7c2b92356f04a17df673fbef0a5164e11500befd87779f386cad859602fce031")
              .has_value());
    CHECK_FALSE(daemon.host->find_container("7c2b").has_value());
    CHECK_THROWS_AS(daemon.host->start("7c2b"), Terminal);
    daemon.host->stop("7c2b", std::chrono::seconds(1), {});
    for (const auto& request : daemon.seen) CHECK(request.method == "GET");
}

TEST_CASE("every container is listed, but for one that has gone meanwhile", "[docker]") {
    Daemon daemon([](const http::Request& request) {
        const nlohmann::json found = recorded("container_running");
        if (request.target == "/v1.41/containers/json?all=true")
            return reply(200, nlohmann::json{{{"Id", "gone"}}, {{"Id", found["Id"]}}}.dump());
        return request.target.find("gone") == std::string::npos ? reply(200, found.dump())
                                                                : reply(404);
    });
    const auto all = daemon.host->containers();
    REQUIRE(all.size() == 1);
    CHECK(all.front().name == "oms_rich");
    for (const auto& request : daemon.seen) CHECK(request.method == "GET");
}

TEST_CASE("a list of containers without end, or that is none, is refused", "[docker]") {
    const std::string answer =
        GENERATE(std::string("{}"), nlohmann::json(std::vector<int>(1001)).dump());
    Daemon daemon([&](const auto&) { return reply(200, answer); });
    CHECK_THROWS_AS(daemon.host->containers(), Terminal);
}

TEST_CASE("an answer that is no JSON is refused", "[docker]") {
    Daemon daemon([](const auto&) { return reply(200, "{\"Id\":"); });
    CHECK_THROWS_AS(daemon.host->find_container("oms"), Terminal);
}

TEST_CASE("endpoints are told apart by their scheme", "[docker]") {
    CHECK(make_docker_host("unix:///var/run/docker.sock") != nullptr);
    CHECK(make_docker_host("tcp://127.0.0.1:2375") != nullptr);
    for (const char* odd : {"", "unix://", "unix://relative", "ssh://host", "tcp://", "/var/run/x"})
        CHECK_THROWS_AS(make_docker_host(odd), Terminal);
}

}  // namespace
}  // namespace oms::docker
