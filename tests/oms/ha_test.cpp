#include "oms/ha.hpp"

#include "base/error.hpp"
#include "catch.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace oms {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

// The whole of it, as OMS documents it (oms-facts 1.2), with HA on.
const std::string kSaved = R"({
  "enable": true,
  "enableHost": false,
  "enableStore": true,
  "perceiveStoreClientCheckpoint": false,
  "enableConnector": true,
  "enableJdbcWriter": true,
  "subtopicStoreNumberThreshold": 5,
  "checkRequestIntervalSec": 600,
  "checkJdbcWriterIntervalSec": 600,
  "checkHostDownIntervalSec": 540,
  "checkModuleExceptionIntervalSec": 240,
  "clearAbnormalResourceHours": 72,
  "refetchStoreIntervalMin": 30
})";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

TEST_CASE("ha.config is read with all its keys and with only the first", "[oms][ha]") {
    CHECK(parse_ha(kSaved) == HaConfig{true, false, 30, true, true});
    CHECK(parse_ha(R"({"enable":false})") == HaConfig{});
    CHECK(parse_ha(R"( {"\u0065nable" :true, "more": {"enable": 1}} )").enable);
}

TEST_CASE("ha.config that cannot be trusted is refused, and says why", "[oms][ha]") {
    const struct {
        std::string json;
        const char* said;
    } rows[] = {
        {"", "not JSON"},
        {"enable=true", "not JSON"},
        {R"({"enable":true)", "not JSON"},
        {R"({"enable":true,})", "not JSON"},
        {R"({"enable":true} {})", "not JSON"},
        {R"([{"enable":true}])", "not an object"},
        {"true", "not an object"},
        {"{}", "no \"enable\""},
        {R"({"Enable":true})", "no \"enable\""},
        {R"({"a":{"enable":true}})", "no \"enable\""},
        {R"({"enable":"true"})", "as string"},
        {R"({"enable":1})", "as number"},
        {R"({"enable":null})", "as null"},
        {R"({"enable":true,"enable":false})", "\"enable\" twice"},
        {R"({"enable":true,"x":1,"\u0078":2})", "\"x\" twice"},
        {R"({"enable":true,"enableConnector":"yes"})", "enableConnector"},
        {R"({"enable":true,"refetchStoreIntervalMin":"30"})", "whole number"},
        {R"({"enable":true,"refetchStoreIntervalMin":30.5})", "whole number"},
        {R"({"enable":true,"refetchStoreIntervalMin":-1})", "whole number"},
        {R"({"enable":true,"refetchStoreIntervalMin":2147483648})", "2147483647"},
        {R"({"enable":true,"refetchStoreIntervalMin":18446744073709551615})", "2147483647"},
        {R"({"enable":true,"refetchStoreIntervalMin":99999999999999999999})", "2147483647"},
        {R"({"enable":true,"x":1e999})", "too large"},
        {R"({"enable":true})" + std::string(kHaBytesMax, ' '), "bytes long"},
        {std::string(kHaBytesMax, '['), "deep"},
        {R"({"enable":true,"x":)" + std::string(30000, '[') + std::string(30000, ']') + "}",
         "deep"},
    };
    for (const auto& row : rows) {
        INFO(row.json.substr(0, 100));
        CHECK_THROWS_AS(parse_ha(row.json), Terminal);
        CHECK_THROWS_WITH(parse_ha(row.json), Catch::Matchers::Contains(row.said));
        CHECK_THROWS_AS(with_ha_disabled(row.json), Terminal);
        CHECK_THROWS_AS(restored_ha(row.json, {}, 0s), Terminal);
    }
}

TEST_CASE("HA is switched off by one word, and nothing else changes", "[oms][ha]") {
    CHECK(with_ha_disabled(kSaved) == replaced(kSaved, "true", "false"));
    CHECK(with_ha_disabled(R"({"enable":false})") == R"({"enable":false})");
    CHECK(with_ha_disabled(R"({"x":{"enable":true},"y":"\"enable\":true","enable" : true })") ==
          R"({"x":{"enable":true},"y":"\"enable\":true","enable" : false })");
    CHECK(with_ha_disabled(R"({"n":1.50,"big":12345678901234567890123,"enable":true})") ==
          R"({"n":1.50,"big":12345678901234567890123,"enable":false})");
    CHECK(with_ha_disabled("\xEF\xBB\xBF{\"enable\":true}") == "\xEF\xBB\xBF{\"enable\":false}");
}

TEST_CASE("HA that was off stays off, whatever the policy", "[oms][ha]") {
    const std::string off = replaced(kSaved, "\"enable\": true", "\"enable\": false");
    CHECK(restored_ha(off, {}, 2h) == off);
    CHECK(restored_ha(off, {.perceive = false, .source_below_401 = true}, 2h) == off);
}

TEST_CASE("with the clients' checkpoints perceived, the interval stays as it was", "[oms][ha]") {
    CHECK(restored_ha(kSaved, {}, 24h) ==
          replaced(kSaved, "Checkpoint\": false", "Checkpoint\": true"));
    const std::string set = replaced(kSaved, "Checkpoint\": false", "Checkpoint\": true");
    CHECK(restored_ha(set, {.refetch_minutes = 99}, 24h) == set);
}

TEST_CASE("a key that is missing is added behind the last, in the hand of the text", "[oms][ha]") {
    CHECK(restored_ha(R"({"enable":true})", {}, 1h) ==
          R"({"enable":true,"perceiveStoreClientCheckpoint":true})");
    CHECK(restored_ha("{\r\n\t\"enable\" : true,\r\n\t\"x\" : [1, 2]\r\n}\r\n", {}, 1h) ==
          "{\r\n\t\"enable\" : true,\r\n\t\"x\" : [1, 2],\r\n"
          "\t\"perceiveStoreClientCheckpoint\" : true\r\n}\r\n");
    CHECK(restored_ha(R"({"enable":true})", {.perceive = false}, 1h) ==
          R"({"enable":true,"refetchStoreIntervalMin":90})");
}

TEST_CASE("without them the interval is greater than the outage", "[oms][ha]") {
    const struct {
        int saved;
        std::optional<int> asked;
        int margin;
        std::chrono::seconds outage;
        int minutes;
    } rows[] = {
        {30, std::nullopt, 30, 60min, 90},  // OceanBase's own example
        {30, std::nullopt, 30, 0s, 30},
        {30, std::nullopt, 30, 1s, 31},
        {30, std::nullopt, 30, 60min + 1s, 91},
        {120, std::nullopt, 30, 60min, 120},
        {90, std::nullopt, 30, 60min, 90},
        {0, std::nullopt, 0, 0s, 1},
        {0, std::nullopt, 0, 60s, 2},
        {0, std::nullopt, 0, 59s, 1},
        {30, std::nullopt, -5, 30min, 31},
        {30, std::nullopt, 30, -1h, 30},
        {30, 61, 30, 60min, 61},  // a person's own is kept as long as it does
        {30, 60, 30, 60min, 90},
        {300, 70, 30, 60min, 70},
        {30, 200, 30, 60min, 200},
    };
    for (const auto& row : rows) {
        INFO("saved " << row.saved << ", outage " << row.outage.count() << " s");
        const std::string saved = R"({"enable":true,"refetchStoreIntervalMin":)" +
                                  std::to_string(row.saved) + R"(,"z":0})";
        const HaPolicy policy{
            .perceive = false, .refetch_minutes = row.asked, .margin_minutes = row.margin};
        const std::string expected = R"({"enable":true,"refetchStoreIntervalMin":)" +
                                     std::to_string(row.minutes) + R"(,"z":0})";
        CHECK(restored_ha(saved, policy, row.outage) == expected);
    }
}

TEST_CASE("checkpoints that were perceived are not when the policy says so", "[oms][ha]") {
    CHECK(restored_ha(R"({"enable":true,"perceiveStoreClientCheckpoint":true})",
                      {.perceive = false},
                      45min) ==
          R"({"enable":true,"perceiveStoreClientCheckpoint":false,"refetchStoreIntervalMin":75})");
}

TEST_CASE("an outage that no interval can hold is refused", "[oms][ha]") {
    const auto ages = std::chrono::seconds{std::numeric_limits<std::int64_t>::max()};
    CHECK_THROWS_AS(restored_ha(kSaved, {.perceive = false}, ages), Terminal);
    CHECK_NOTHROW(restored_ha(kSaved, {}, ages));
}

TEST_CASE("Connector's HA takes over from JDBCWriter's on the way past 4.0.1", "[oms][ha]") {
    const struct {
        const char* saved;
        bool below_401;
        const char* restored;
    } rows[] = {
        {R"("enableConnector":false,"enableJdbcWriter":true)",
         true,
         R"("enableConnector":true,"enableJdbcWriter":true)"},
        {R"("enableConnector":false)", true, R"("enableConnector":true)"},
        {R"("enableConnector":false,"enableJdbcWriter":true)",
         false,
         R"("enableConnector":false,"enableJdbcWriter":true)"},
        {R"("enableConnector":false,"enableJdbcWriter":false)",
         true,
         R"("enableConnector":false,"enableJdbcWriter":false)"},
        {R"("enableJdbcWriter":true)", true, R"("enableJdbcWriter":true)"},
    };
    for (const auto& row : rows) {
        INFO(row.saved << (row.below_401 ? " below 4.0.1" : ""));
        const std::string head = R"({"enable":true,"perceiveStoreClientCheckpoint":true,)";
        CHECK(restored_ha(head + row.saved + "}", {.source_below_401 = row.below_401}, 1h) ==
              head + row.restored + "}");
    }
}

/// A ha.config in some hand: keys in any order, any white space, unknown keys of any kind.
class Writer {
public:
    explicit Writer(unsigned seed) : random_(seed) {}

    std::string write() {
        std::vector<std::string> members{member("enable", chance() ? "true" : "false")};
        if (chance()) members.push_back(member("enableConnector", chance() ? "true" : "false"));
        if (chance()) members.push_back(member("enableJdbcWriter", chance() ? "true" : "false"));
        if (chance())
            members.push_back(member("perceiveStoreClientCheckpoint", chance() ? "true" : "false"));
        if (chance())
            members.push_back(member("refetchStoreIntervalMin", std::to_string(pick(200))));
        for (int i = pick(5); i > 0; --i)
            members.push_back(member("other" + std::to_string(i), odd_value()));
        std::shuffle(members.begin(), members.end(), random_);
        std::string text = space() + "{";
        for (std::size_t i = 0; i < members.size(); ++i) text += (i > 0 ? "," : "") + members[i];
        return text + "}" + space();
    }

    bool chance() { return pick(2) == 1; }
    int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }

private:
    std::string space() {
        static const std::vector<std::string> kSpaces{"", "", " ", "\n  ", "\t", "\r\n", "   "};
        return kSpaces[static_cast<std::size_t>(pick(static_cast<int>(kSpaces.size())))];
    }
    std::string member(const std::string& key, const std::string& value) {
        return space() + '"' + key + '"' + space() + ":" + space() + value + space();
    }
    std::string odd_value() {
        static const std::vector<std::string> kValues{"null",
                                                      "1.250e+2",
                                                      "-0",
                                                      "[]",
                                                      "{}",
                                                      R"("}, \"enable\": true")",
                                                      R"([1, {"enable": true}, "]"])",
                                                      R"({"enable": {"enable": [true]}})",
                                                      R"("\\")",
                                                      R"("\u00e9\ud83d\ude00")"};
        return kValues[static_cast<std::size_t>(pick(static_cast<int>(kValues.size())))];
    }

    std::mt19937 random_;
};

TEST_CASE("any ha.config is changed in the keys that were meant and in no other", "[oms][ha]") {
    // Goal: edits by place in the text never touch a neighbour.
    // Method: many written texts; the parsed values before and after differ as the rules say, and
    //         what is not a changed value is there byte for byte, in order.
    for (unsigned seed = 0; seed < 3000; ++seed) {
        Writer writer(seed);
        const std::string saved = writer.write();
        INFO("seed " << seed << ": " << saved);
        const Json before = Json::parse(saved);

        const std::string off = with_ha_disabled(saved);
        Json expected = before;
        expected["enable"] = false;
        REQUIRE(Json::parse(off) == expected);
        REQUIRE(off.size() == saved.size() + (before["enable"] == true ? 1 : 0));
        REQUIRE(with_ha_disabled(off) == off);

        const HaPolicy policy{.perceive = writer.chance(), .source_below_401 = writer.chance()};
        const std::string restored =
            restored_ha(saved, policy, std::chrono::minutes{writer.pick(200)});
        const HaConfig ha = parse_ha(restored);
        REQUIRE(ha.enable == before["enable"]);
        if (!ha.enable) {
            REQUIRE(restored == saved);
            continue;
        }
        REQUIRE(ha.perceive_store_client_checkpoint.value_or(false) == policy.perceive);
        // Taking what may change out of both leaves the same, in the same order.
        Json kept = Json::parse(restored);
        expected = before;
        for (const char* key :
             {"perceiveStoreClientCheckpoint", "refetchStoreIntervalMin", "enableConnector"}) {
            kept.erase(key);
            expected.erase(key);
        }
        REQUIRE(kept.dump() == expected.dump());
        REQUIRE(restored_ha(restored, {.perceive = policy.perceive}, 0s) == restored);
    }
}

}  // namespace
}  // namespace oms
