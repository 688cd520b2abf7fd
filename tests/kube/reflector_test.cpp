// Goal: the reflector asks and understands as WatchState says, over a connection that is cut, slow
// to make whole lines, refused or throttled. Method: a scripted server; time passes only by
// waiting.

#include "catch.hpp"
#include "kube/watcher.hpp"
#include "objects.hpp"

#include <random>

namespace oms::kube {
namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;

struct Bench {
    TestServer server;
    TestTime time;
    Diary diary;

    /// Runs until the script is over.
    void run() {
        Reflector reflector(*server.client, "/apis/x", diary, time.timing());
        reflector.run({});
    }
    /// The requests without what is random: "list", "list:<token>", "watch:<version>".
    Words asked() const {
        Words words;
        for (const auto& line : server.script->lines()) {
            const auto version = line.find("resourceVersion=");
            const auto token = line.find("continue=");
            if (version != std::string::npos)
                words.push_back("watch:" +
                                line.substr(version + 16, line.find('&', version) - version - 16));
            else
                words.push_back(token == std::string::npos ? "list"
                                                           : "list:" + line.substr(token + 9));
        }
        return words;
    }
};

}  // namespace

TEST_CASE("the reflector lists, watches, and resumes where a connection broke", "[kube]") {
    Bench bench;
    auto& script = *bench.server.script;
    script.answer(200, list("10", {object("a", "u1", "1")}, "t"));
    script.answer(200, list("10", {}));
    script.stream({event("ADDED", object("b", "u2", "11")) + bookmark("15").substr(0, 20)},
                  [](const http::Request&) { throw Transient("connection reset"); });
    script.stream({event("DELETED", object("b", "u2", "16"))});
    bench.run();
    CHECK(bench.asked() == Words{"list", "list:t", "watch:10", "watch:11", "watch:16"});
    CHECK(bench.diary.words == Words{"+a/u1@1", "synced", "+b/u2@11", "!", "-b/u2"});
    CHECK(bench.time.waits.size() == 1);

    const auto watch = script.requests().at(2);
    CHECK(watch.target.find("watch=true&allowWatchBookmarks=true") != std::string::npos);
    const auto at = watch.target.find("timeoutSeconds=") + 15;
    CHECK(watch.timeout == std::chrono::seconds(std::stoi(watch.target.substr(at))) + 5s);
}

TEST_CASE("events arrive whole however their bytes are cut, the last without a newline", "[kube]") {
    const std::string text = event("ADDED", object("a", "u1", "11")) + bookmark("12") +
                             event("MODIFIED", object("a", "u1", "13")) +
                             event("ADDED", object("ü✓", "u2", "14"));
    const std::string stream = text.substr(0, text.size() - 1);
    std::minstd_rand random(3);
    for (int round = 0; round < 200; ++round) {
        std::vector<std::string> chunks;
        for (std::size_t at = 0; at < stream.size();) {
            const std::size_t length = 1 + random() % (round % 2 == 0 ? 5U : 300U);
            chunks.push_back(stream.substr(at, length));
            at += length;
        }
        Bench bench;
        bench.server.script->answer(200, list("10", {}));
        bench.server.script->stream(chunks);
        bench.run();
        REQUIRE(bench.diary.words == Words{"synced", "+a/u1@11", "~a/u1@13", "+ü✓/u2@14"});
        REQUIRE(bench.asked().back() == "watch:14");
    }
}

TEST_CASE("both ways of 410 relist at once and miss nothing", "[kube]") {
    for (const bool as_event : {true, false}) {
        Bench bench;
        auto& script = *bench.server.script;
        script.answer(200, list("10", {object("a", "u1", "1"), object("b", "u2", "2")}));
        if (as_event)
            script.stream({event("ERROR", status(410, "Expired"))});
        else
            script.answer(410, status(410, "Expired"));
        script.answer(200, list("90", {object("b", "u2", "80"), object("c", "u3", "81")}));
        bench.run();
        CHECK(bench.asked() == Words{"list", "watch:10", "list", "watch:90"});
        CHECK(bench.diary.words ==
              Words{"+a/u1@1", "+b/u2@2", "synced", "~b/u2@80", "+c/u3@81", "-a/u1", "synced"});
        CHECK(bench.time.waits.empty());
    }
}

TEST_CASE("a continue token that is too old begins the list anew", "[kube]") {
    Bench bench;
    auto& script = *bench.server.script;
    script.answer(200, list("10", {object("a", "u1", "1")}, "t"));
    script.answer(410, status(410, "Expired"));
    script.answer(200, list("20", {}));
    bench.run();
    CHECK(bench.asked() == Words{"list", "list:t", "list", "watch:20"});
    CHECK(bench.diary.words == Words{"+a/u1@1", "-a/u1", "synced"});
}

TEST_CASE("a server that throttles, fails or refuses is asked again, and it is said why",
          "[kube]") {
    Bench bench;
    auto& script = *bench.server.script;
    script.answer(429, status(429, "TooManyRequests"), {{"Retry-After", "4"}});
    script.answer(500, "");
    script.fail();
    script.answer(404, "404 page not found\n");
    script.answer(403, status(403, "Forbidden", "cannot list"));
    script.answer(200, list("10", {}));
    bench.run();
    CHECK(bench.asked().size() == 7);
    REQUIRE(bench.time.waits.size() == 5);
    CHECK(bench.time.waits.front() == 4s);
    CHECK(bench.diary.words == Words{"!", "!", "!", "!", "!", "synced"});
    CHECK(bench.diary.troubles.back().find("cannot list") != std::string::npos);
}

}  // namespace oms::kube
