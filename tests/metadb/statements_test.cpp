// Goal: a dump is cut into exactly the statements that the stock clients would send, wherever the
// pieces in which it is read happen to end.
// Method: one text with every trap, fed in pieces of every size from one byte up.

#include "metadb/statements.hpp"

#include "base/error.hpp"
#include "catch.hpp"

#include <random>
#include <string>
#include <vector>

namespace oms::metadb {
namespace {

const std::string kText = R"(-- a comment; with 'quotes
SET NAMES utf8mb4;
# another; one
CREATE TABLE `a;``b` (`x` int COMMENT 'it''s; \'here\'; "too"' /* not; here */) -- nor; here
;
INSERT INTO `a` VALUES
(1,-2,'--x;\\',0x00,"d;""d"),
(3,4-1,'\\\\;\'','a/b*c');
DELIMITER ;;
CREATE PROCEDURE p() begin select ';'; select 1; end;;
DELIMITER ;
INSERT INTO `a` VALUES ('');
-- the end)";

const std::vector<std::string> kStatements{
    "SET NAMES utf8mb4",
    "CREATE TABLE `a;``b` (`x` int COMMENT 'it''s; \\'here\\'; \"too\"' /* not; here */) -- nor; "
    "here\n",
    "INSERT INTO `a` VALUES\n(1,-2,'--x;\\\\',0x00,\"d;\"\"d\"),\n(3,4-1,'\\\\\\\\;\\'','a/b*c')",
    "CREATE PROCEDURE p() begin select ';'; select 1; end",
    "INSERT INTO `a` VALUES ('')"};

std::vector<std::string> cut(const std::string& text, const std::function<std::size_t()>& size) {
    std::string_view rest = text;
    Statements statements([&] {
        const std::string_view piece = rest.substr(0, std::max<std::size_t>(size(), 1));
        rest.remove_prefix(piece.size());
        return piece;
    });
    std::vector<std::string> found;
    while (auto statement = statements.next()) found.push_back(std::move(*statement));
    return found;
}

TEST_CASE("statements are cut the same whatever the pieces they come in", "[metadb]") {
    for (std::size_t size = 1; size <= kText.size() + 1; ++size) {
        INFO("pieces of " << size);
        CHECK(cut(kText, [size] { return size; }) == kStatements);
    }
    std::minstd_rand random{Catch::rngSeed()};
    for (int round = 0; round < 500; ++round)
        REQUIRE(cut(kText, [&random] { return 1 + random() % 40; }) == kStatements);
}

TEST_CASE("a dump that ends too early is refused wherever it was cut", "[metadb]") {
    // A cut right behind a delimiter, or in a comment between statements, leaves whole statements.
    const std::string text = "INSERT INTO `a` VALUES (1,'x;\\'y',\"z\",`q` /* c */);";
    for (std::size_t size = 1; size < text.size(); ++size) {
        INFO(text.substr(0, size));
        CHECK_THROWS_AS(cut(text.substr(0, size), [] { return 7; }), Terminal);
    }
}

TEST_CASE("a statement without an end does not eat all memory", "[metadb]") {
    const std::string piece(1000, 'x');
    Statements statements([&piece] { return std::string_view(piece); }, 100'000);
    CHECK_THROWS_AS(statements.next(), Terminal);
}

}  // namespace
}  // namespace oms::metadb
