#include "api/json.hpp"

#include "api/manifest.hpp"
#include "base/files.hpp"
#include "base/utf8.hpp"
#include "catch.hpp"
#include "full.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <utility>

namespace oms::api {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

TEST_CASE("a resource with every field said comes back from JSON and from YAML", "[api]") {
    const OmsUpgrade upgrade = full();
    CHECK(from_stored(to_json(upgrade)) == upgrade);
    CHECK(read_stored(to_yaml(upgrade), "state") == upgrade);
    const OmsUpgrade plain = smallest();
    CHECK(from_stored(to_json(plain)) == plain);
    CHECK(read_stored(to_yaml(plain), "state") == plain);
}

TEST_CASE("the JSON of a resource is the one that users and their tools know", "[api]") {
    const auto golden = read_whole(OMS_SOURCE_DIR "/tests/api/full.json");
    REQUIRE(golden.has_value());
    CHECK(to_json(full()) == Json::parse(*golden));
}

TEST_CASE("a condition's time has whole seconds, every other time microseconds", "[api]") {
    Status status;
    status.conditions = {{.type = "Ready", .reason = "New", .message = ""}};
    status.conditions.front().last_transition_time = Time{1763877095s + 999999us};
    status.times.t1 = Time{1763877095s + 999999us};
    const Json json = to_json(status);
    CHECK(json.at("/conditions/0/lastTransitionTime"_json_pointer) == "2025-11-23T05:51:35Z");
    CHECK(json.at("/times/t1"_json_pointer) == "2025-11-23T05:51:35.999999Z");
    CHECK(json.at("/conditions/0/message"_json_pointer) == "");
}

TEST_CASE("a fresh status is nothing, and a fresh spec says its defaults", "[api]") {
    CHECK(to_json(Status{}) == Json::object());
    CHECK_FALSE(to_json(smallest()).contains("status"));
    const Json spec = to_json(smallest().spec);
    CHECK(spec.at("rollback") == Json{{"onFailure", "Automatic"}, {"requested", false}});
    CHECK(spec.at("/nodes/0/docker/endpoint"_json_pointer) == "unix:///var/run/docker.sock");
    CHECK_FALSE(spec.contains("metaDB"));
    CHECK_FALSE(spec.contains("oat"));
}

TEST_CASE("a pinned spec says its defaults too", "[api]") {
    Status status;
    status.run = Run{};
    status.run->spec = smallest().spec;
    CHECK(to_json(status).at("run").at("spec") == to_json(smallest().spec));
}

TEST_CASE("the hash of a spec is sixteen hex digits that stay as they are", "[api]") {
    // A hash that changed with a release would start every finished upgrade anew.
    CHECK(spec_hash(smallest().spec) == "c3955b75adcf6559");
    CHECK(spec_hash(full().spec) == "5ba865fc6b5dd1a6");
}

TEST_CASE("what may be edited in flight is not in the hash, all else is", "[api]") {
    const Spec plain = smallest().spec;
    Spec spec = plain;
    spec.approval = Approval::Granted;
    spec.paused = true;
    spec.rollback = {.on_failure = OnFailure::Manual, .requested = true};
    CHECK(spec_hash(spec) == spec_hash(plain));

    // Each other field of the full spec, on its own, changes the hash.
    const Json whole = to_json(full().spec);
    int changed = 0;
    for (const auto& [name, value] : whole.items()) {
        if (name == "approval" || name == "maintenanceWindow" || name == "paused" ||
            name == "rollback")
            continue;
        Json stored = to_json(smallest());
        if (stored.at("spec").value(name, Json()) == value) continue;
        stored["spec"][name] = value;
        INFO(name);
        CHECK(spec_hash(from_stored(stored).spec) != spec_hash(plain));
        ++changed;
    }
    CHECK(changed == 16);
}

TEST_CASE("what a later operator stored is read as far as it is understood", "[api]") {
    Json stored = to_json(full());
    stored["spec"]["later"] = {{"deep", 1}};
    stored["status"]["later"] = "new";
    stored["status"]["run"]["cursor"]["later"] = Json::array();
    stored["metadata"]["later"] = true;
    CHECK(from_stored(stored) == full());

    stored["spec"]["rollback"]["onFailure"] = "Later";
    stored["status"]["run"]["outcome"] = "Abandoned";
    const OmsUpgrade read = from_stored(stored);
    REQUIRE(read.problems.size() == 2);
    CHECK(to_string(read.problems[0]) ==
          "spec.rollback.onFailure: must be Automatic or Manual, but is \"Later\"");
    CHECK(read.problems[1].path == "status.run.outcome");
    CHECK(read.status.run->cursor == full().status.run->cursor);
}

TEST_CASE("nothing that is stored makes the reader throw", "[api]") {
    // Every value of the full resource, replaced by one of every other type.
    const Json whole = to_json(full());
    const std::vector<Json> wrongs{
        nullptr, true, 1e300, 18446744073709551615ULL, "x", Json::array({nullptr}), Json::object()};
    std::set<std::string> places;
    const Json leaves = whole.flatten();
    for (const auto& [pointer, value] : leaves.items())
        for (Json::json_pointer at(pointer); !at.empty(); at.pop_back())
            places.insert(at.to_string());
    Json broken = whole;
    int tried = 0;
    for (const std::string& place : places) {
        for (const Json& wrong : wrongs) {
            const Json right = std::exchange(broken[Json::json_pointer(place)], wrong);
            CHECK_NOTHROW(from_stored(broken));
            // A manifest's status is passed over unread.
            if (!place.starts_with("/status")) CHECK_NOTHROW(from_manifest(broken));
            broken[Json::json_pointer(place)] = right;
            ++tried;
        }
    }
    CHECK(tried > 1000);
    for (const Json& wrong : wrongs) {
        CHECK_FALSE(from_stored(wrong).problems.empty());
        CHECK_FALSE(from_manifest(wrong).problems.empty());
    }
}

TEST_CASE("other people's errors fit into a status, whatever bytes they are", "[api]") {
    Status status;
    status.message = "a\xFF" + std::string(kProseBytesMax, 'b');
    status.follow_up = {std::string("\xC3\x28", 2)};
    const Json json = to_json(status);
    const auto message = json.at("message").get<std::string>();
    CHECK(message.size() <= kProseBytesMax);
    CHECK(
        message.starts_with("a\xEF\xBF\xBD"
                            "bbb"));
    CHECK(message.ends_with("bbb\xE2\x80\xA6"));
    CHECK(json.at("followUp").at(0) == "\xEF\xBF\xBD(");
    CHECK_NOTHROW(json.dump());
}

TEST_CASE("text that must be kept exactly is refused when JSON cannot hold it", "[api]") {
    Status status;
    status.before.ha_config = "{\"enable\": \"\xFF\"}";
    CHECK_THROWS_AS(to_json(status), Terminal);
}

TEST_CASE("prose is cut between characters, and only where it is too long", "[api]") {
    const std::string euro = "\xE2\x82\xAC";
    CHECK(as_prose(euro + euro, 6) == euro + euro);
    CHECK(as_prose(euro + euro + euro, 8) == euro + "\xE2\x80\xA6");
    CHECK(as_prose("abcdef", 5) == "ab\xE2\x80\xA6");
    CHECK(as_prose("", 3).empty());
    CHECK(is_utf8("\xF0\x9F\x90\x98"));
    for (const char* bad : {"\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\x80"})
        CHECK_FALSE(is_utf8(bad));
}

}  // namespace
}  // namespace oms::api
