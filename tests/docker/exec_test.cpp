#include "docker/exec.hpp"

#include "base/error.hpp"
#include "catch.hpp"
#include "docker/script.hpp"

#include <nlohmann/json.hpp>

namespace oms::docker {
namespace {

using namespace std::chrono_literals;
using fakes::reply;
using fakes::Script;

http::Response of_exec(const http::Request& request, const std::string& stream) {
    if (request.target.ends_with("/exec")) return reply(201, R"({"Id":"e1"})");
    if (request.target.ends_with("/start")) return reply(200, stream);
    return reply(200, R"({"Running":false,"ExitCode":3})");
}

std::string frame(char kind, const std::string& text) {
    return std::string{kind, 0, 0, 0, 0, 0, 0, static_cast<char>(text.size())} + text;
}

TEST_CASE("a command's outputs and exit code come back", "[docker]") {
    std::vector<http::Request> seen;
    const EngineApi api(std::make_unique<Script>(seen, [](const auto& request) {
        return of_exec(request, frame(1, "out") + frame(2, "err"));
    }));
    const auto output = run_command(api, "oms", {"cat", "/x"}, 5s);
    REQUIRE(output);
    CHECK(output->exit_code == 3);
    CHECK(output->out == "out");
    CHECK(output->err == "err");
    const auto asked = nlohmann::json::parse(seen.at(1).body);
    CHECK(asked["Cmd"] == nlohmann::json::array({"cat", "/x"}));
    CHECK_FALSE(asked.value("Tty", false));
}

TEST_CASE("where nothing runs, nothing can be asked", "[docker]") {
    const int status = GENERATE(404, 409);
    std::vector<http::Request> seen;
    const EngineApi api(
        std::make_unique<Script>(seen, [status](const auto&) { return reply(status); }));
    CHECK_FALSE(run_command(api, "oms", {"true"}, 5s).has_value());
    CHECK_THROWS_AS(launch_command(api, "oms", {"true"}), Transient);
}

// Goal: a permit that ends between two requests of one touch ends it there, and is no failure.
TEST_CASE("without a permit a command that was prepared is not started", "[docker]") {
    int left = 1;
    std::vector<http::Request> seen;
    const EngineApi api(
        std::make_unique<Script>(seen, [](const auto& request) { return of_exec(request, ""); }),
        Permit([&left] { return left-- > 0; }));
    SECTION("waited for") {
        CHECK_THROWS_AS(run_command(api, "oms", {"true"}, 5s), Stopped);
    }
    SECTION("or not") {
        CHECK_THROWS_AS(launch_command(api, "oms", {"true"}), Stopped);
    }
    REQUIRE(seen.size() == 2);  // and the first asked for the version
    CHECK(seen.back().target.ends_with("/exec"));
}

// Method: an image is sent in pieces, and the permit ends before the third.
TEST_CASE("without a permit no further piece of what is sent follows", "[docker]") {
    int left = 3;
    int pieces = 0;
    std::vector<http::Request> seen;
    const EngineApi api(std::make_unique<Script>(seen, [](const auto&) { return reply(200); }),
                        Permit([&left] { return left-- > 0; }));
    auto request = api.request("POST", "/images/load");
    request.source = [&pieces](char*, std::size_t) { return ++pieces < 10 ? 1U : 0U; };
    CHECK_THROWS_AS(api.stream(request, [](std::string_view) { return true; }), Stopped);
    CHECK(pieces == 2);
}

TEST_CASE("a command that does not end in time is reported, not waited for", "[docker]") {
    std::vector<http::Request> seen;
    const EngineApi api(std::make_unique<Script>(seen, [](const http::Request& request) {
        if (request.target.ends_with("/json")) return reply(200, R"({"Running":true})");
        return of_exec(request, "");
    }));
    CHECK_THROWS_AS(run_command(api, "oms", {"sleep", "1000"}, 30ms), Transient);
}

}  // namespace
}  // namespace oms::docker
