#include "docker/images.hpp"

#include "base/base64.hpp"
#include "base/error.hpp"
#include "base/files.hpp"
#include "catch.hpp"
#include "docker/script.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

namespace oms::docker {
namespace {

using fakes::reply;
using fakes::Script;

TEST_CASE("a reference is split where its tag begins, which a port is not", "[docker]") {
    CHECK(pull_target("oms") == "/images/create?fromImage=oms&tag=latest");
    CHECK(pull_target("oms:4.3") == "/images/create?fromImage=oms&tag=4.3");
    CHECK(pull_target("host:5000/oms") == "/images/create?fromImage=host%3A5000%2Foms&tag=latest");
    CHECK(pull_target("host:5000/a/oms:f_4.3.1") ==
          "/images/create?fromImage=host%3A5000%2Fa%2Foms&tag=f_4.3.1");
    CHECK(pull_target("oms@sha256:ab") == "/images/create?fromImage=oms%40sha256%3Aab");
}

TEST_CASE("a login is told in URL-safe base64", "[docker]") {
    const std::string text =
        registry_auth({.user = "user", .password = Secret("\xC3\xBF?>\xC3\xBE~~~")}).reveal();
    CHECK(text.find_first_of("+/") == std::string::npos);
}

struct Archive {
    Archive() : path("/tmp/oms-images-test." + std::to_string(::getpid())) {
        write_durably(path, std::string(5000, 'x'));
    }
    ~Archive() { std::filesystem::remove(path); }
    std::filesystem::path path;
};

struct Engine {
    explicit Engine(http::Response answer)
        : api(std::make_unique<Script>(seen, [answer](const auto&) { return answer; })) {}
    std::vector<http::Request> seen;
    EngineApi api;
};

TEST_CASE("an archive is sent with its progress, and must hold an image", "[docker]") {
    const Archive archive;
    Progress last;
    const ReportProgress report = [&last](const Progress& progress) { last = progress; };
    Engine good(
        reply(200, "{\"status\":\"Loading layer\"}\r\n{\"stream\":\"Loaded image: a:b\\n\"}"));
    load_image(good.api, archive.path, report, {});
    CHECK(last.done == 5000);
    CHECK(last.total == 5000);
    CHECK(good.seen.back().source_size == 5000);
    Engine empty(reply(200, ""));
    CHECK_THROWS_AS(load_image(empty.api, archive.path, report, {}), Terminal);
    Engine cut(
        reply(200, R"({"errorDetail":{"message":"unexpected EOF"},"error":"unexpected EOF"})"));
    CHECK_THROWS_WITH(load_image(cut.api, archive.path, report, {}),
                      Catch::Contains("unexpected EOF"));
    Engine full(reply(200, R"({"error":"write /l: no space left on device"})"));
    CHECK_THROWS_WITH(load_image(full.api, archive.path, report, {}), Catch::Contains("disk"));
    Engine unasked(reply(200));
    CHECK_THROWS_AS(load_image(unasked.api, "/nonexistent/oms.tar", report, {}), Terminal);
    CHECK_THROWS_AS(load_image(unasked.api, "/tmp", report, {}), Terminal);
    CHECK(unasked.seen.empty());
}

TEST_CASE("a pull adds up its layers, and says who is to blame when it fails", "[docker]") {
    Progress last;
    const ReportProgress report = [&last](const Progress& progress) { last = progress; };
    Engine good(reply(200,
                      "{\"status\":\"Pulling from oms\",\"id\":\"4.3\"}\r\n"
                      "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":5,\"total\":10},"
                      "\"id\":\"a\"}\r\n"
                      "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":1,\"total\":20},"
                      "\"id\":\"b\"}\r\n"
                      "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":9,\"total\":10},"
                      "\"id\":\"a\"}\r\n"
                      "{\"status\":\"Download complete\",\"progressDetail\":{},\"id\":\"a\"}\r\n"));
    const runtime::RegistryLogin login{.user = "me", .password = Secret("hunter2")};
    pull_image(good.api, "oms:4.3", login, report, {});
    CHECK(last.done == 10);
    CHECK(last.total == 30);
    bool told = false;
    for (const auto& [name, value] : good.seen.back().headers) {
        if (name != "X-Registry-Auth") continue;
        told = true;
        CHECK(nlohmann::json::parse(*from_base64(value))["password"] == "hunter2");
    }
    CHECK(told);
    const auto pull = [&report](const char* line) {
        Engine engine(reply(200, line));
        pull_image(engine.api, "oms:4.3", std::nullopt, report, {});
    };
    CHECK_THROWS_AS(pull(R"({"error":"manifest for oms:4.3 not found: manifest unknown"})"),
                    Terminal);
    CHECK_THROWS_AS(pull(R"({"error":"pull access denied for oms"})"), Terminal);
    CHECK_THROWS_AS(pull(R"({"error":"net/http: TLS handshake timeout"})"), Transient);
    CHECK_THROWS_AS(pull(R"({"error":"write: no space left on device"})"), Terminal);
}

}  // namespace
}  // namespace oms::docker
