#include "metadb/definition.hpp"

#include "catch.hpp"

#include <algorithm>

namespace oms::metadb {
namespace {

TEST_CASE("an ENUM that OceanBase shows without escapes is read and mended", "[metadb]") {
    const std::string type = R"(enum('a','it's','b,c','x\y','q"'))";
    const auto members = split_unescaped_members(type);
    CHECK(members == std::vector<std::string>{"a", "it's", "b,c", "x\\y", "q\""});
    const auto mended =
        mend_members("CREATE TABLE `t` (\n  `id` int,\n  `e` " + type + " DEFAULT 'it\\'s'\n)",
                     "e",
                     type,
                     members);
    CHECK(mended == R"(CREATE TABLE `t` (
  `id` int,
  `e` enum('a','it\'s','b,c','x\\y','q"') DEFAULT 'it\'s'
))");
    CHECK_FALSE(mend_members("CREATE TABLE `t` (\n  `e` int\n)", "e", type, members).has_value());
    CHECK(split_unescaped_members("set('')") == std::vector<std::string>{""});
    CHECK(split_unescaped_members("int").empty());
}

TEST_CASE("a column of a type that nobody promised to bring back is not planned", "[metadb]") {
    for (const char* type : {"vector", "array", "roaringbitmap", "map", "xmltype", ""})
        CHECK_FALSE(plan_column("c", type, "", true).has_value());
    CHECK(plan_column("c", "float", "", true)->fetched_as == "`c` * 1e0");
    CHECK(plan_column("c", "varchar", "latin1", false)->kind == ValueKind::Encoded);
    CHECK(plan_column("c", "varchar", "utf8mb3", false)->kind == ValueKind::Text);
    CHECK(plan_column("c", "geometry", "", false)->kind == ValueKind::Binary);
}

TEST_CASE("a view comes after those that it reads", "[metadb]") {
    const auto view = [](const char* name, const char* body) {
        return Other{.kind = "view", .name = name, .definition = body};
    };
    auto names = [](const std::vector<Other>& views) {
        std::string all;
        for (const Other& each : views) all += each.name;
        return all;
    };
    CHECK(names(order_views({view("a", "select * from `d`.`b` join `d`.`c`"),
                             view("b", "select * from `d`.`c`"),
                             view("c", "select 1")},
                            "d")) == "cba");
    // Only a column's name can make it look like a circle: both are kept.
    CHECK(names(order_views({view("a", "`d`.`b`"), view("b", "`d`.`a`")}, "d")).size() == 2);
}

}  // namespace
}  // namespace oms::metadb
