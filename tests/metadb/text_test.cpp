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

// Goal: the search for what is to be escaped, which looks at blocks of bytes, misses nothing.
// Method: each byte that is escaped at each place of texts around a block's length.
TEST_CASE("a byte is escaped wherever in a long text it stands", "[metadb]") {
    const std::string escaped = "\0\n\r\\'\x1A"s;
    const std::string behind = "0nr\\'Z";
    for (const std::size_t size : {1U, 31U, 32U, 33U, 64U, 97U}) {
        // Bytes beyond ASCII, and a control character that stands for itself.
        std::string plain(size, '\xE4');
        plain[size / 2] = '\t';
        CHECK(quote_text(plain) == "'" + plain + "'");
        for (std::size_t at = 0; at < size; ++at) {
            for (std::size_t i = 0; i < escaped.size(); ++i) {
                std::string text = plain;
                text[at] = escaped[i];
                const std::string expected =
                    "'" + plain.substr(0, at) + '\\' + behind[i] + plain.substr(at + 1) + "'";
                if (quote_text(text) != expected) FAIL_CHECK("byte " << i << " at " << at);
            }
        }
    }
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
