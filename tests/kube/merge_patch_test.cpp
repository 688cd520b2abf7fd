#include "kube/merge_patch.hpp"

#include "catch.hpp"

#include <nlohmann/json.hpp>

#include <random>

namespace oms::kube {
namespace {

using Json = nlohmann::json;

Json random_value(std::minstd_rand& random, int depth) {
    const auto kind = random() % (depth > 0 ? 6U : 4U);
    if (kind == 0) return random() % 3;
    if (kind == 1) return std::string(random() % 3, 'x');
    if (kind == 2) return random() % 2 == 0;
    if (kind == 3) return Json::array({random() % 2, "a"});
    Json object = Json::object();
    for (const char* key : {"a", "b", "c", "d"})
        if (random() % 2 == 0) object[key] = random_value(random, depth - 1);
    return object;
}

Json random_object(std::minstd_rand& random) {
    auto value = random_value(random, 3);
    return value.is_object() ? value : Json::object();
}

}  // namespace

TEST_CASE("a merge patch says what changed, what came and what went, and nothing else", "[kube]") {
    struct Row {
        const char* from;
        const char* to;
        const char* patch;
    };
    const Row rows[]{
        {R"({})", R"({})", R"({})"},
        {R"({"a":1})", R"({"a":1})", R"({})"},
        {R"({"a":1,"b":2})", R"({"a":3,"b":2})", R"({"a":3})"},
        {R"({"a":1})", R"({})", R"({"a":null})"},
        {R"({})", R"({"a":{"b":1}})", R"({"a":{"b":1}})"},
        {R"({"a":{"b":1,"c":2}})", R"({"a":{"b":1}})", R"({"a":{"c":null}})"},
        {R"({"a":{"b":1}})", R"({"a":7})", R"({"a":7})"},
        {R"({"a":7})", R"({"a":{}})", R"({"a":{}})"},
        {R"({"a":[1,2]})", R"({"a":[1]})", R"({"a":[1]})"},
        {R"({"a":[{"x":1}]})", R"({"a":[{"x":1}]})", R"({})"},
    };
    for (const auto& [from, to, patch] : rows) {
        INFO(from << " -> " << to);
        CHECK(merge_patch(Json::parse(from), Json::parse(to)) == Json::parse(patch));
    }
}

// Goal: patch and merge are inverse. Method: nlohmann's own RFC 7386 merge applies ours to random
// pairs; what comes out is the target, and the patch between equals is empty.
TEST_CASE("a merge patch applied to its beginning gives its end", "[kube]") {
    std::minstd_rand random(11);
    for (int round = 0; round < 500; ++round) {
        const Json from = random_object(random);
        const Json to = random_object(random);
        Json merged = from;
        merged.merge_patch(merge_patch(from, to));
        REQUIRE(merged == to);
        REQUIRE(merge_patch(to, to).empty());
    }
}

}  // namespace oms::kube
