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
