#include "base/files.hpp"
#include "catch.hpp"
#include "kube/errors.hpp"
#include "objects.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <unistd.h>

namespace oms::kube {
namespace {

using namespace std::chrono_literals;

const std::string kPath = "/api/v1/namespaces/prod/secrets/s";

/// What find() throws for one answer; empty when it is nothing of that type.
template <class Expected>
std::string thrown_for(int code, const std::string& body, const http::Headers& headers = {}) {
    TestServer server;
    server.script->answer(code, body, headers);
    try {
        server.client->find(kPath);
    } catch (const Expected& failure) {
        return failure.what();
    } catch (const Failure&) {
        return "";
    }
    return "";
}

}  // namespace

TEST_CASE("an object that is not there is an answer, not an error", "[kube]") {
    TestServer server;
    server.script->answer(404, status(404, "NotFound"));
    server.script->answer(404, status(404, "NotFound"));
    server.script->answer(404, status(404, "NotFound"));
    CHECK_FALSE(server.client->find(kPath).has_value());
    CHECK_FALSE(server.client->patch(kPath, Patch::Merge, nlohmann::json::object()).has_value());
    CHECK_FALSE(server.client->remove(kPath));
}

TEST_CASE("each refusal is what its reader can do about it", "[kube]") {
    using Catch::Matchers::Contains;
    CHECK_THAT(thrown_for<Terminal>(403, status(403, "Forbidden", "User x cannot get")),
               Contains("GET " + kPath) && Contains("User x cannot get") && Contains("RBAC"));
    CHECK_THAT(thrown_for<Terminal>(401, status(401, "Unauthorized")), Contains("credentials"));
    CHECK_THAT(thrown_for<Terminal>(422, status(422, "Invalid", "spec.x: must")),
               Contains("spec.x: must"));
    CHECK_THAT(thrown_for<Terminal>(400, "<html>proxy</html>"), Contains("<html>proxy"));
    CHECK_FALSE(thrown_for<Conflict>(409, status(409, "Conflict")).empty());
    CHECK(thrown_for<AlreadyExists>(409, status(409, "Conflict")).empty());
    CHECK_FALSE(thrown_for<AlreadyExists>(409, status(409, "AlreadyExists")).empty());
    CHECK_FALSE(thrown_for<Gone>(410, status(410, "Expired")).empty());
    CHECK_FALSE(thrown_for<Transient>(500, "").empty());
    CHECK_FALSE(thrown_for<Transient>(503, "{").empty());
    CHECK(thrown_for<Throttled>(503, "{").empty());
    CHECK_THAT(thrown_for<Terminal>(400, std::string(1U << 20U, 'x')),
               !Contains(std::string(4000, 'x')));
}

TEST_CASE("what a refusal says can be kept, wherever it is cut and whatever bytes it has",
          "[kube]") {
    std::string letters;
    while (letters.size() < 4000) letters += "\xE5\xAE\x89";
    for (const char* before : {"", "x", "xx"}) {
        const auto said = thrown_for<Terminal>(400, status(400, "BadRequest", before + letters));
        CHECK(said.size() < 3000);
        CHECK_NOTHROW(nlohmann::json(said).dump());
    }
    CHECK_NOTHROW(nlohmann::json(thrown_for<Terminal>(400, "a proxy's page, \xFF\xFE")).dump());
}

TEST_CASE("the server's Retry-After is carried, within reason", "[kube]") {
    struct Row {
        int code;
        http::Headers headers;
        std::chrono::milliseconds wanted;
    };
    for (const auto& row : {Row{429, {{"Retry-After", "7"}}, 7s},
                            Row{503, {{"retry-after", "2"}}, 2s},
                            Row{429, {}, 1s},
                            Row{429, {{"Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT"}}, 1s},
                            Row{429, {{"Retry-After", "999999999"}}, 300s},
                            Row{429, {{"Retry-After", "-5"}}, 0s}}) {
        TestServer server;
        server.script->answer(row.code, status(row.code, "TooManyRequests"), row.headers);
        try {
            server.client->find(kPath);
            FAIL("nothing was thrown");
        } catch (const Throttled& failure) {
            CHECK(failure.retry_after == row.wanted);
        }
    }
}

TEST_CASE("a list goes through its pages, and every request says who asks", "[kube]") {
    TestServer server;
    server.script->answer(200, list("9", {object("a", "u1", "1"), object("b", "u2", "2")}, "t=/+"));
    server.script->answer(200, list("9", {object("c", "u3", "3")}));
    std::string names;
    server.client->list("/apis/x", [&](std::string_view each) { names += digest(each).key.name; });
    CHECK(names == "abc");
    CHECK(server.script->lines() ==
          std::vector<std::string>{"GET /apis/x?limit=500",
                                   "GET /apis/x?limit=500&continue=t%3D%2F%2B"});
    const auto headers = server.script->requests().front().headers;
    CHECK(std::count(headers.begin(),
                     headers.end(),
                     std::pair<std::string, std::string>{"User-Agent", "test/1"}) == 1);
}

TEST_CASE("a deletion can be bound to what was seen", "[kube]") {
    TestServer server;
    server.script->answer(200, "{}");
    CHECK(server.client->remove(kPath, {.uid = "u1", .resource_version = "7"}));
    const auto body = nlohmann::json::parse(server.script->requests().front().body);
    CHECK(body["preconditions"] == nlohmann::json{{"uid", "u1"}, {"resourceVersion", "7"}});
}

TEST_CASE("a token of a file is read again when it is old, or refused", "[kube]") {
    const auto folder = std::filesystem::temp_directory_path() /
                        ("oms-operator-kube-test." + std::to_string(::getpid()));
    make_private_folder(folder);
    const auto file = folder / "token";
    write_durably(file, "one\n");
    TestTime time;
    TestServer server(std::make_unique<BearerToken>(file, time.timing().now));
    const auto sent = [&] {
        const auto request = server.script->requests().back();
        return http::Response{.status = 0, .headers = request.headers, .body = {}}
            .header("Authorization")
            .value_or("none");
    };
    server.script->default_answer([&](const http::Request& request) {
        const bool revoked =
            http::Response{.status = 0, .headers = request.headers, .body = {}}.header(
                "Authorization") == "Bearer two";
        return fakes::FakeTransport::Answer{
            .response = {.status = revoked ? 401 : 200, .headers = {}, .body = "{}"}};
    });
    server.client->find(kPath);
    CHECK(sent() == "Bearer one");
    write_durably(file, "two");
    server.client->find(kPath);
    CHECK(sent() == "Bearer one");  // not a minute old
    time.now += 1min;
    CHECK_THROWS_AS(server.client->find(kPath), Terminal);
    CHECK(sent() == "Bearer two");  // refused, and the file holds no other
    write_durably(file, "three");
    const auto before = server.script->requests().size();
    CHECK(server.client->find(kPath).has_value());
    CHECK(sent() == "Bearer three");
    CHECK(server.script->requests().size() == before + 2);

    std::filesystem::remove(file);  // as it is while a kubelet replaces it
    time.now += 2min;
    CHECK(server.client->find(kPath).has_value());
    std::filesystem::remove_all(folder);
}

TEST_CASE("an error never holds the token", "[kube]") {
    TestServer server(std::make_unique<BearerToken>(Secret("hush-hush")));
    server.script->answer(401, status(401, "Unauthorized"));
    try {
        server.client->find(kPath);
        FAIL("nothing was thrown");
    } catch (const Terminal& failure) {
        CHECK(std::string(failure.what()).find("hush") == std::string::npos);
    }
}

}  // namespace oms::kube
