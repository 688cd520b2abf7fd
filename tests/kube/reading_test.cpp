#include "base/error.hpp"
#include "catch.hpp"
#include "kube/lines.hpp"
#include "kube/refusal.hpp"
#include "kube/seen.hpp"
#include "kube/skim.hpp"
#include "objects.hpp"

#include <nlohmann/json.hpp>

#include <random>

namespace oms::kube {
namespace {

std::string whole_object() {
    return R"({ "kind" : "OMSUpgrade", "spec" : {"generation": 99, "name": "not me"},
        "metadata" : { "annotations" : {"kubectl.kubernetes.io/last-applied-configuration":
            "{\"metadata\":{\"name\":\"x\"}}\n", "oms.oceanbase.com/retry" : "1"},
          "managedFields" : [{"name":"}]"}], "name" : "up\u002dto", "namespace":"prod",
          "uid" : "u1", "resourceVersion" : "123", "generation" : 7,
          "deletionTimestamp": "2026-11-23T05:51:35Z",
          "finalizers" : [ "other/one", "oms.oceanbase.com/rollback" ]},
        "status" : {"run": {"id":"u1-7","outcome":"Succeeded","spec":{"outcome":"x"}},
          "observedGeneration": 6, "phase":"Verify", "before": {"phase":"no"}} })";
}

}  // namespace

TEST_CASE("a digest holds what decides whether there is anything to do", "[kube]") {
    const Seen seen = digest(whole_object());
    CHECK(seen.key == api::Key{"prod", "up-to"});
    CHECK(seen.uid == "u1");
    CHECK(seen.resource_version == "123");
    CHECK(seen.generation == 7);
    CHECK(seen.observed_generation == 6);
    CHECK(seen.deleting);
    CHECK(seen.held);
    CHECK(seen.phase == "Verify");
    CHECK(seen.outcome == "Succeeded");
    CHECK(seen.annotations != 0);

    const Seen bare = digest(object("a", "u", "1"));
    CHECK(bare.key.name == "a");
    CHECK_FALSE(bare.deleting);
    CHECK_FALSE(bare.held);
    CHECK(bare.outcome.empty());
    CHECK(bare.annotations == 0);
    CHECK(digest("{}") == Seen{});
    CHECK(digest(R"({"metadata":null,"status":[]})") == Seen{});
}

TEST_CASE("a digest notices a changed annotation of ours and of nobody else's", "[kube]") {
    const auto with = [](const std::string& annotations) {
        return digest(R"({"metadata":{"annotations":{)" + annotations + "}}}").annotations;
    };
    CHECK(with(R"("oms.oceanbase.com/retry":"1")") != with(R"("oms.oceanbase.com/retry":"2")"));
    CHECK(with(R"("oms.oceanbase.com/retry":"1")") ==
          with(R"("oms.oceanbase.com/retry":"1","other.io/a":"2")"));
    CHECK(with(R"("oms.oceanbase.community/retry":"1")") == 0);
}

TEST_CASE("an object that is cut off anywhere is never taken for a whole one", "[kube]") {
    const auto text = whole_object();
    for (std::size_t length = 0; length < text.size(); ++length) {
        INFO(length);
        CHECK_THROWS_AS(digest(text.substr(0, length)), Transient);
    }
    CHECK_NOTHROW(digest(text));
}

TEST_CASE("text that is not JSON is refused where it has to be read", "[kube]") {
    for (const char* bad : {"",
                            "[]",
                            "null",
                            "<html>",
                            "{,}",
                            R"({"a"})",
                            R"({"a" 1})",
                            R"({"a":})",
                            R"({"a":1 "b":2})",
                            R"({1:2})",
                            R"({"metadata":{"name":"\x"}})"}) {
        INFO(bad);
        CHECK_THROWS_AS(digest(bad), Transient);
    }
}

TEST_CASE("elements and members come as they stand, empty ones included", "[kube]") {
    Elements elements(R"( [ {"a":[1,"]"]} , -1.5e3,"x\"" , null,[] ] )");
    std::vector<std::string> found;
    while (const auto element = elements.next()) found.emplace_back(*element);
    CHECK(found ==
          std::vector<std::string>{R"({"a":[1,"]"]})", "-1.5e3", R"("x\"")", "null", "[]"});
    CHECK_FALSE(elements.next().has_value());
    CHECK_FALSE(Elements("[ ]").next().has_value());
    CHECK_FALSE(Members("{ }").next().has_value());
    CHECK(as_text("12").empty());
    CHECK(as_text(R"("\u2713")") == "✓");
    CHECK(as_number("1.5") == 0);
    CHECK(as_number("-12") == -12);
}

// Goal: lines are the same however the network cuts the stream.
// Method: one stream with characters of several bytes, a line with nothing in it and no newline at
// its end, cut at every place and then at random ones, with pieces of every size.
TEST_CASE("lines are whole however the stream is cut", "[kube]") {
    const std::vector<std::string> wanted{"{\"a\":\"ü✓𝄞\"}", "{}", "{\"b\":\"語\"}", "tail ✓"};
    const std::string stream = wanted[0] + "\n" + wanted[1] + "\n\n" + wanted[2] + "\n" + wanted[3];
    const auto read = [&](const std::vector<std::string>& pieces) {
        Lines lines(1000);
        std::vector<std::string> found;
        for (const auto& piece : pieces)
            CHECK(lines.feed(piece, [&](std::string_view line) {
                found.emplace_back(line);
                return true;
            }));
        found.push_back(lines.take_rest());
        return found;
    };
    for (std::size_t cut = 0; cut <= stream.size(); ++cut)
        CHECK(read({stream.substr(0, cut), stream.substr(cut)}) == wanted);

    std::minstd_rand random(7);
    for (int round = 0; round < 500; ++round) {
        std::vector<std::string> pieces;
        for (std::size_t at = 0; at < stream.size();) {
            const std::size_t length = 1 + random() % 12;
            pieces.push_back(stream.substr(at, length));
            at += length;
        }
        REQUIRE(read(pieces) == wanted);
    }
}

TEST_CASE("a line without an end is given up at its limit", "[kube]") {
    Lines lines(10);
    const auto any = [](std::string_view) { return true; };
    CHECK(lines.feed("0123456789\n01234", any));
    CHECK(lines.feed("56789", any));
    CHECK_THROWS_AS(lines.feed("x", any), Transient);
}

TEST_CASE("a reader who has had enough gets no further line", "[kube]") {
    Lines lines(10);
    int count = 0;
    CHECK_FALSE(lines.feed("a\nb\nc", [&](std::string_view) { return ++count < 2; }));
    CHECK(count == 2);
}

}  // namespace oms::kube
