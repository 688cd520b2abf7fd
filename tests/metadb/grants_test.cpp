#include "metadb/grants.hpp"

#include "catch.hpp"

#include <string>
#include <vector>

namespace oms::metadb {
namespace {

std::vector<std::string> lacking(const std::vector<std::string>& lines) {
    std::vector<Grant> grants;
    for (const std::string& line : lines)
        if (auto grant = parse_grant(line)) grants.push_back(std::move(*grant));
    return missing(grants, "oms_rm", {"SELECT", "CREATE", "SHOW VIEW"});
}

TEST_CASE("the lines of SHOW GRANTS say what a user may do with a database", "[metadb]") {
    using Rights = std::vector<std::string>;
    const Rights all{"SELECT", "CREATE", "SHOW VIEW"};
    struct Case {
        std::vector<std::string> lines;
        Rights lacking;
    };
    const std::vector<Case> cases{
        {{}, all},
        {{"GRANT ALL PRIVILEGES ON *.* TO 'root' WITH GRANT OPTION"}, {}},
        {{"GRANT ALL PRIVILEGES ON `oms_rm`.* TO `oms`@`%`"}, {}},
        {{"GRANT ALL PRIVILEGES ON `oms\\_rm`.* TO `oms`@`%`"}, {}},
        {{"GRANT ALL PRIVILEGES ON `oms\\_%`.* TO `oms`@`%`"}, {}},
        {{"GRANT ALL PRIVILEGES ON `%`.* TO `oms`@`%`"}, {}},
        {{"GRANT ALL PRIVILEGES ON `oms_r`.* TO `oms`@`%`"}, all},
        {{"GRANT ALL PRIVILEGES ON `oms_rm`.`host` TO `oms`@`%`"}, all},
        {{"GRANT USAGE ON *.* TO `oms`@`%` IDENTIFIED BY PASSWORD '*2470C0C06DEE42FD1618BB'"}, all},
        {{"GRANT SELECT, SHOW VIEW ON `oms_rm`.* TO `oms`@`%`"}, {"CREATE"}},
        {{"GRANT SELECT ON *.* TO `oms`@`%`", "GRANT CREATE ON `oms_rm`.* TO `oms`@`%`"},
         {"SHOW VIEW"}},
        {{"GRANT SELECT (`a`, `b`), CREATE ON `oms_rm`.* TO `oms`@`%`"}, {"SELECT", "SHOW VIEW"}},
        {{"GRANT `reader` TO `oms`@`%`", "GRANT PROXY ON ''@'%' TO 'root'@'localhost'"}, all},
        {{"GRANT EXECUTE ON PROCEDURE `oms_rm`.`p` TO `oms`@`%`"}, all},
        {{"GRANT CREATE VIEW, SHOW VIEW ON `oms_rm`.* TO 'oms'"}, {"SELECT", "CREATE"}},
        {{"nonsense", "", "GRANT", "GRANT SELECT ON", "GRANT SELECT ON `"}, all}};
    for (const Case& each : cases) {
        INFO((each.lines.empty() ? "no line" : each.lines.front()));
        CHECK(lacking(each.lines) == each.lacking);
    }
}

TEST_CASE("a pattern of a grant matches as the server matches it", "[metadb]") {
    CHECK(matches("oms_rm", "omsXrm"));
    CHECK_FALSE(matches("oms\\_rm", "omsXrm"));
    CHECK(matches("%", ""));
    CHECK(matches("o%m", "oms_rm"));
    CHECK_FALSE(matches("o%x", "oms_rm"));
    CHECK_FALSE(matches("", "oms_rm"));
    CHECK_FALSE(matches("oms_rm_", "oms_rm"));
}

}  // namespace
}  // namespace oms::metadb
