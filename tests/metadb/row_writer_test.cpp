#include "metadb/row_writer.hpp"

#include "base/error.hpp"
#include "catch.hpp"
#include "metadb/definition.hpp"

#include <string>
#include <vector>

namespace oms::metadb {
namespace {

using namespace std::string_literals;

Table table_of(const std::vector<std::pair<std::string, std::string>>& types,
               const std::string& character_set = "utf8mb4",
               bool oceanbase = false) {
    Table table;
    table.name = "t";
    for (const auto& [name, type] : types)
        table.columns.push_back(plan_column(name, type, character_set, oceanbase).value());
    return table;
}

void append(RowWriter& writer,
            const std::vector<std::optional<std::string>>& row,
            std::string& out) {
    std::vector<const char*> values;
    std::vector<unsigned long> lengths;
    for (const auto& value : row) {
        values.push_back(value ? value->data() : nullptr);
        lengths.push_back(value ? value->size() : 0);
    }
    writer.append({values, lengths}, out);
}

const std::string kDatabase = "db";

TEST_CASE("rows of one table share a statement", "[metadb]") {
    const Table table = table_of({{"id", "int"}, {"n", "varchar"}, {"b", "blob"}});
    RowWriter writer(kDatabase, table, 1U << 24U);
    std::string out;
    append(writer, {"1", "it's", "\0"s}, out);
    append(writer, {"2", std::nullopt, ""}, out);
    writer.finish(out);
    writer.finish(out);
    CHECK(out == "INSERT INTO `t` (`id`, `n`, `b`) VALUES\n(1,'it\\'s',0x00),\n(2,NULL,'');\n");
}

TEST_CASE("text in another character set is written as its own bytes", "[metadb]") {
    const Table table = table_of({{"g", "varchar"}}, "gbk");
    RowWriter writer(kDatabase, table, 1U << 24U);
    std::string out;
    append(writer, {"\xC4\xE3"}, out);
    append(writer, {""}, out);
    writer.finish(out);
    CHECK(out == "INSERT INTO `t` (`g`) VALUES\n(_gbk 0xC4E3),\n('');\n");
}

TEST_CASE("text that the server would take for the stored form names its character set",
          "[metadb]") {
    const Table table = table_of({{"u", "uuid"}, {"a", "inet6"}, {"n", "varchar"}}, "");
    RowWriter writer(kDatabase, table, 1U << 24U);
    std::string out;
    append(writer, {"u", "::1", std::nullopt}, out);
    writer.finish(out);
    CHECK(out == "INSERT INTO `t` (`u`, `a`, `n`) VALUES\n(_utf8mb4'u',_utf8mb4'::1',NULL);\n");
}

TEST_CASE("no statement is longer than the packet that the server takes", "[metadb]") {
    const Table table = table_of({{"v", "text"}});
    constexpr std::size_t kPacket = 600'000;
    RowWriter writer(kDatabase, table, kPacket);
    std::string out;
    std::size_t rows = 0;
    for (const std::size_t size : {10, 500'000, 400'000, 590'000, 10, 590'000, 511'000, 598'000}) {
        append(writer, {std::string(size, 'x')}, out);
        ++rows;
    }
    writer.finish(out);
    std::size_t found = 0;
    for (std::size_t begin = 0, end = 0; begin < out.size(); begin = end + 2) {
        end = out.find(";\n", begin);
        REQUIRE(end != std::string::npos);
        const std::string statement = out.substr(begin, end - begin);
        CHECK(statement.starts_with("INSERT INTO `t` (`v`) VALUES\n('x"));
        CHECK(statement.ends_with("x')"));
        CHECK(statement.size() <= kPacket);
        for (std::size_t at = statement.find("\n("); at != std::string::npos;
             at = statement.find("\n(", at + 1))
            ++found;
    }
    CHECK(found == rows);
    CHECK_THROWS_AS(append(writer, {std::string(kPacket, 'x')}, out), Terminal);
}

TEST_CASE("a geometry with a system of coordinates is refused on OceanBase", "[metadb]") {
    const Table table = table_of({{"g", "point"}}, "", true);
    RowWriter writer(kDatabase, table, 1U << 24U);
    std::string out;
    append(writer, {"\0\0\0\0\x01\x01"s}, out);
    writer.finish(out);
    CHECK(out == "INSERT INTO `t` (`g`) VALUES\n(ST_GeomFromWKB(0x0101, 0));\n");
    CHECK_THROWS_AS(append(writer, {"\xE6\x10\0\0\x01"s}, out), Terminal);
}

}  // namespace
}  // namespace oms::metadb
