#include "kube/watch_state.hpp"

#include "base/error.hpp"
#include "catch.hpp"
#include "objects.hpp"

namespace oms::kube {
namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;
using Kind = Trouble::Kind;

struct Bench {
    Diary diary;
    WatchState state{diary, 1};
    Instant now{100h};

    /// What is asked for next, in a word: "list", "list:<token>", "watch:<version>", "pause".
    std::string next() {
        const auto task = state.next();
        if (const auto* page = std::get_if<WatchState::List>(&task))
            return page->continue_token.empty() ? "list" : "list:" + page->continue_token;
        if (const auto* watch = std::get_if<WatchState::Watch>(&task)) {
            CHECK(watch->length >= 60s);
            CHECK(watch->length <= 120s);
            return "watch:" + watch->resource_version;
        }
        paused = std::get<WatchState::Pause>(task).length;
        return "pause";
    }
    Words told() { return std::exchange(diary.words, {}); }
    bool line(const std::string& type, const std::string& object_text) {
        return state.on_line(event(type, object_text));
    }
    void trouble(Kind kind, std::chrono::milliseconds retry_after = 0ms) {
        state.on_trouble({kind, "no", retry_after}, now);
    }
    void synced_at(const std::string& version, const std::vector<std::string>& objects) {
        REQUIRE(next() == "list");
        state.on_page(list(version, objects));
        REQUIRE(next() == "watch:" + version);
    }

    std::chrono::milliseconds paused{0};
};

}  // namespace

TEST_CASE("a list comes page by page, and is synced after its last", "[kube]") {
    Bench bench;
    CHECK(bench.next() == "list");
    bench.state.on_page(list("10", {object("a", "u1", "3")}, "t1"));
    CHECK(bench.told() == Words{"+a/u1@3"});
    CHECK(bench.next() == "list:t1");
    bench.state.on_page(list("10", {object("b", "u2", "4")}));
    CHECK(bench.told() == Words{"+b/u2@4", "synced"});
    CHECK(bench.next() == "watch:10");
    CHECK(bench.state.size() == 2);
}

TEST_CASE("events are told once, and move the resourceVersion", "[kube]") {
    Bench bench;
    bench.synced_at("10", {object("a", "u1", "3")});
    bench.told();
    CHECK(bench.line("MODIFIED", object("a", "u1", "11")));
    CHECK(bench.line("MODIFIED", object("a", "u1", "11")));  // again: harmless
    CHECK(bench.line("ADDED", object("b", "u2", "12")));
    CHECK(bench.line("DELETED", object("b", "u2", "13")));
    CHECK(bench.line("DELETED", object("b", "u2", "13")));
    CHECK(bench.told() == Words{"~a/u1@11", "+b/u2@12", "-b/u2"});
    CHECK(bench.next() == "watch:13");
}

TEST_CASE("a bookmark moves the resourceVersion and tells nobody", "[kube]") {
    Bench bench;
    bench.synced_at("10", {});
    bench.told();
    CHECK(bench.state.on_line(bookmark("99")));
    CHECK(bench.told().empty());
    CHECK(bench.next() == "watch:99");
}

TEST_CASE("a relist tells what came, changed and vanished, and is silent about the rest",
          "[kube]") {
    Bench bench;
    bench.synced_at("10",
                    {object("same", "u1", "1"),
                     object("changed", "u2", "2"),
                     object("vanished", "u3", "3"),
                     object("made-anew", "u4", "4")});
    bench.told();
    bench.trouble(Kind::Expired);
    CHECK(bench.next() == "list");  // at once: the server is well
    bench.state.on_page(
        list("50", {object("same", "u1", "1"), object("changed", "u2", "20")}, "t"));
    CHECK(bench.next() == "list:t");
    bench.state.on_page(list("50", {object("made-anew", "u5", "30"), object("new", "u6", "31")}));
    CHECK(bench.told() == Words{"~changed/u2@20",
                                "-made-anew/u4",
                                "+made-anew/u5@30",
                                "+new/u6@31",
                                "-vanished/u3",
                                "synced"});
    CHECK(bench.next() == "watch:50");
}

TEST_CASE("410 in an ERROR event relists, as 410 instead of a watch does", "[kube]") {
    for (const auto& gone : {status(410, "Expired"), status(410, "Gone"), status(0, "Expired")}) {
        Bench bench;
        bench.synced_at("10", {object("a", "u1", "1")});
        CHECK_FALSE(bench.line("ERROR", gone));
        bench.state.on_watch_end(bench.now, bench.now);
        CHECK(bench.next() == "list");
    }
}

TEST_CASE("410 again and again is not answered in circles", "[kube]") {
    Bench bench;
    bench.synced_at("10", {});
    bench.trouble(Kind::Expired);
    bench.synced_at("20", {});
    bench.trouble(Kind::Expired);
    CHECK(bench.next() == "pause");
    bench.synced_at("30", {});
    CHECK(bench.state.on_line(bookmark("31")));  // something was heard: the next one is honest
    bench.trouble(Kind::Expired);
    CHECK(bench.next() == "list");
}

TEST_CASE("what a list that was given up had seen does not hide a deletion", "[kube]") {
    Bench bench;
    bench.synced_at("10", {object("a", "u1", "1"), object("b", "u2", "2")});
    bench.told();
    bench.trouble(Kind::Expired);
    CHECK(bench.next() == "list");
    bench.state.on_page(list("20", {object("a", "u1", "1")}, "t"));
    CHECK(bench.next() == "list:t");
    bench.trouble(Kind::Expired);  // the continue token is too old; meanwhile "a" is deleted
    CHECK(bench.next() == "pause");
    CHECK(bench.next() == "list");
    bench.state.on_page(list("30", {object("b", "u2", "2")}));
    CHECK(bench.told() == Words{"!", "-a/u1", "synced"});
}

TEST_CASE("a first page that was cut off does not hide a deletion either", "[kube]") {
    Bench bench;
    CHECK(bench.next() == "list");
    auto page = list("10", {object("a", "u1", "1"), object("b", "u2", "2")});
    CHECK_THROWS_AS(bench.state.on_page(page.substr(0, page.size() - 40)), Transient);
    bench.trouble(Kind::Passing);
    CHECK(bench.next() == "pause");
    CHECK(bench.next() == "list");
    bench.state.on_page(list("20", {object("b", "u2", "2")}));
    auto told = bench.told();
    REQUIRE(told.size() >= 2);
    CHECK(told.back() == "synced");
    CHECK(std::count(told.begin(), told.end(), "+a/u1@1") ==
          std::count(told.begin(), told.end(), "-a/u1"));
    CHECK(bench.state.size() == 1);
}

TEST_CASE("trouble on the way keeps the place: page or resourceVersion", "[kube]") {
    Bench bench;
    CHECK(bench.next() == "list");
    bench.state.on_page(list("10", {}, "t1"));
    CHECK(bench.next() == "list:t1");
    bench.trouble(Kind::Passing);
    CHECK(bench.next() == "pause");
    CHECK(bench.next() == "list:t1");
    bench.state.on_page(list("10", {}));
    CHECK(bench.next() == "watch:10");
    bench.trouble(Kind::Passing);
    CHECK(bench.next() == "pause");
    CHECK(bench.next() == "watch:10");
}

TEST_CASE("the pauses grow from 800 ms to 30 s, and begin anew after two good minutes", "[kube]") {
    Bench bench;
    bench.synced_at("10", {});
    for (int attempt = 0; attempt < 10; ++attempt) {
        bench.trouble(Kind::Passing);
        REQUIRE(bench.next() == "pause");
        const auto whole = std::min(800ms * (1 << attempt), 30'000ms);
        CHECK(bench.paused <= whole);
        CHECK(bench.paused >= whole / 2);
    }
    bench.now += 119s;
    bench.trouble(Kind::Passing);
    CHECK(bench.next() == "pause");
    CHECK(bench.paused >= 15s);
    bench.now += 120s;
    bench.trouble(Kind::Passing);
    CHECK(bench.next() == "pause");
    CHECK(bench.paused <= 800ms);
}

TEST_CASE("the server's own Retry-After is kept to", "[kube]") {
    Bench bench;
    bench.synced_at("10", {});
    bench.trouble(Kind::Throttled, 7s);
    CHECK(bench.next() == "pause");
    CHECK(bench.paused == 7s);
    CHECK(bench.next() == "watch:10");
    auto busy = status(429, "TooManyRequests");
    busy.insert(busy.size() - 1, R"(,"details":{"retryAfterSeconds":3})");
    CHECK_FALSE(bench.line("ERROR", busy));
    bench.state.on_watch_end(bench.now, bench.now + 1h);
    CHECK(bench.next() == "pause");
    CHECK(bench.paused == 3s);
    CHECK(bench.next() == "watch:10");
}

TEST_CASE("a resourceVersion that only ever fails is given up for a list", "[kube]") {
    Bench bench;
    bench.synced_at("10", {object("a", "u1", "1")});
    bench.told();
    for (int attempt = 0; attempt < 4; ++attempt) {
        CHECK_FALSE(bench.line("ERROR", status(504, "Timeout", "Too large resource version")));
        bench.state.on_watch_end(bench.now, bench.now + 3s);
        CHECK(bench.next() == "pause");
        CHECK(bench.next() == "watch:10");
    }
    bench.trouble(Kind::Passing);
    CHECK(bench.next() == "pause");
    CHECK(bench.next() == "list");
    bench.state.on_page(list("5", {object("a", "u1", "1")}));
    CHECK(bench.told().back() == "synced");
    CHECK(bench.next() == "watch:5");
}

TEST_CASE("a refusal is told and tried again from the list", "[kube]") {
    Bench bench;
    bench.synced_at("10", {object("a", "u1", "1")});
    bench.told();
    bench.trouble(Kind::Refused);
    CHECK(bench.told() == Words{"!"});
    CHECK(bench.state.size() == 1);  // not being allowed to look is not a deletion
    CHECK(bench.next() == "pause");
    CHECK(bench.next() == "list");
}

TEST_CASE("a watch that ends as it should is followed by the next at once", "[kube]") {
    Bench bench;
    bench.synced_at("10", {});
    bench.told();
    bench.state.on_watch_end(bench.now, bench.now + 400s);
    CHECK(bench.next() == "watch:10");
    CHECK(bench.line("ADDED", object("a", "u1", "11")));
    bench.state.on_watch_end(bench.now, bench.now);
    CHECK(bench.next() == "watch:11");
    bench.state.on_watch_end(bench.now, bench.now + 10ms);  // no event, no time: not a watch
    CHECK(bench.next() == "pause");
    CHECK(bench.told() == Words{"+a/u1@11", "!"});
}

TEST_CASE("an event that cannot be read ends the watch and is asked for again", "[kube]") {
    Bench bench;
    bench.synced_at("10", {});
    CHECK_FALSE(bench.state.on_line(R"({"type":"ADDED","object":{"metadata":{"name":"a"}})"));
    bench.state.on_watch_end(bench.now, bench.now + 60s);
    CHECK(bench.next() == "pause");
    CHECK(bench.next() == "watch:10");
    CHECK(bench.state.size() == 0);
}

}  // namespace oms::kube
