#include "metadb/text.hpp"

#include "catch.hpp"

#include <string>

namespace oms::metadb {
namespace {

using namespace std::string_literals;

TEST_CASE("a text literal holds no line end and no open quote", "[metadb]") {
    CHECK(quote_text("it's") == R"('it\'s')");
    CHECK(quote_text("a\\b\n\r\x1A"s + '\0') == R"('a\\b\n\r\Z\0')");
    CHECK(quote_text("") == "''");
    CHECK(quote_text("你好 \"x\" `y`") == "'你好 \"x\" `y`'");
}

TEST_CASE("a name with backticks stays one name", "[metadb]") {
    CHECK(quote_name("a`b") == "`a``b`");
    CHECK(quote_name("oms_rm", "host") == "`oms_rm`.`host`");
}

TEST_CASE("bytes are written as hex, none as an empty string", "[metadb]") {
    std::string out = "(";
    append_hex(out, "\0\xFF'"s);
    CHECK(out == "(0x00FF27");
    out.clear();
    append_hex(out, "");
    CHECK(out == "''");
}

TEST_CASE("long bytes are written in the shorter of the two forms", "[metadb]") {
    std::string out;
    append_long_binary(out, std::string(100, 'a') + '\'');
    CHECK(out == "_binary'" + std::string(100, 'a') + "\\''");
    out.clear();
    append_long_binary(out, std::string(100, '\0'));
    CHECK(out == "0x" + std::string(200, '0'));
}

}  // namespace
}  // namespace oms::metadb
