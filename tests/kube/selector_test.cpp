#include "kube/selector.hpp"

#include "base/error.hpp"
#include "catch.hpp"

namespace oms::kube {
namespace {

using Labels = std::map<std::string, std::string>;

TEST_CASE("a selector chooses as kubectl's does", "[kube]") {
    const Labels bank{{"team", "bank"}, {"region", "a"}, {"oms.oceanbase.com/tier", "one"}};
    for (const char* text : {"",
                             "team=bank",
                             "team==bank",
                             " team = bank , region=a ",
                             "team",
                             "!old",
                             "team!=shop",
                             "old!=yes",
                             "region in (a,b)",
                             "region in ( b , a ),team",
                             "region notin (c)",
                             "old notin (yes)",
                             "oms.oceanbase.com/tier=one",
                             "in notin (in)",
                             "old notin ()"}) {
        INFO(text);
        CHECK(Selector(text).matches(bank));
    }
    for (const char* text : {"team=shop",
                             "team=bank,region=b",
                             "old",
                             "!team",
                             "team!=bank",
                             "region in (b,c)",
                             "old in (yes)",
                             "region notin (a)",
                             "team="}) {
        INFO(text);
        CHECK_FALSE(Selector(text).matches(bank));
    }
    CHECK(Selector("team=").matches({{"team", ""}}));
}

TEST_CASE("what is no selector is refused with the place", "[kube]") {
    for (const char* text : {",",
                             "team=bank,",
                             "=bank",
                             "team=bank shop",
                             "team in a",
                             "team in (a",
                             "-team",
                             "team=-bank",
                             "a/b/c",
                             "/a",
                             "team>1",
                             "team=ba\nnk",
                             "!team=bank"}) {
        INFO(text);
        CHECK_THROWS_AS(Selector(text), Terminal);
    }
    CHECK_THROWS_AS(Selector(std::string(64, 'a')), Terminal);
    CHECK_THROWS_AS(Selector(std::string(5000, ' ')), Terminal);
    CHECK_THROWS_WITH(Selector("team=bank shop"), Catch::Matchers::Contains("at character 11"));
}

TEST_CASE("a selector stands in the query of a collection", "[kube]") {
    CHECK(Selector("").query().empty());
    CHECK(Selector("team in (a,b)").query() == "?labelSelector=team%20in%20%28a%2Cb%29");
}

}  // namespace
}  // namespace oms::kube
