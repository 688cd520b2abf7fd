#include "oms/community.hpp"

#include "catch.hpp"
#include "path_row.hpp"

#include <string>

namespace oms {
namespace {

TEST_CASE("the Community Edition goes the steps that its documents state, and no other", "[oms]") {
    const PathRow rows[] = {
        {"4.1.1-CE", "4.2.0-CE", nullptr},
        {"4.2.0-CE", "4.2.1-CE", nullptr},
        {"4.2.1-CE", "4.2.2-CE", nullptr},
        {"4.2.4-CE", "4.2.6-CE", nullptr},
        {"4.2.5-CE", "4.2.6-CE", nullptr},
        {"4.2.0-CE", "4.2.9-CE", nullptr},
        {"4.2.3-CE", "4.2.9-CE", nullptr},
        {"4.2.8-CE", "4.2.9-CE", nullptr},
        {"4.2.0-CE", "4.2.11-CE", nullptr},
        {"4.2.5-CE", "4.2.11-CE", nullptr},
        {"4.2.10-CE", "4.2.11-CE", nullptr},
        // Not stated: from the release before alone.
        {"4.0.0-CE", "4.1.0-CE", nullptr},
        {"4.2.4-CE", "4.2.5-CE", nullptr},
        {"4.2.9-CE", "4.2.10-CE", nullptr},
        {"4.2.2-CE", "4.2.5-CE", "first upgrade to 4.2.4-CE"},
        {"4.2.5-CE", "4.2.10-CE", "first upgrade to 4.2.9-CE"},
        {"4.1.1-CE", "4.2.11-CE", "first upgrade to 4.2.0-CE"},
        {"4.1.1-CE", "4.2.2-CE", "first upgrade to 4.2.0-CE"},
        // For new deployments only.
        {"4.0.0-CE", "4.1.1-CE", "make the tasks anew"},
        {"4.1.0-CE", "4.1.1-CE", "make the tasks anew"},
        {"4.0.0-CE", "4.2.11-CE", "make the tasks anew"},
        // Unknown to the documents.
        {"4.2.11-CE", "4.2.12-CE", "no document"},
        {"4.2.5-CE", "4.3.1-CE", "no document"},
        {"3.3.1-CE", "4.0.0-CE", "cannot be upgraded"},
        {"3.3.1-CE", "4.2.11-CE", "4.0.0-CE"},
    };
    for (const auto& row : rows) hold_path(row);
}

TEST_CASE("a version row is asked for from 4.2.9-CE on", "[oms]") {
    CHECK_FALSE(needs_version_row({4, 2, 8, "CE"}));
    CHECK(needs_version_row({4, 2, 9, "CE"}));
    CHECK(needs_version_row({4, 2, 11, "CE"}));
    CHECK_FALSE(needs_version_row({4, 3, 1, ""}));
}

TEST_CASE("what is known of 4.2.9-CE is told who comes from below 4.2.7-CE", "[oms]") {
    CHECK(community_follow_up({4, 2, 5, "CE"}, {4, 2, 9, "CE"}).size() == 1);
    CHECK(community_follow_up({4, 2, 5, "CE"}, {4, 2, 11, "CE"}).size() == 1);
    CHECK(community_follow_up({4, 2, 7, "CE"}, {4, 2, 9, "CE"}).empty());
    CHECK(community_follow_up({4, 2, 4, "CE"}, {4, 2, 6, "CE"}).empty());
    CHECK(community_follow_up({4, 2, 2, ""}, {4, 3, 1, ""}).empty());
}

TEST_CASE("docker_init.sh has done everything when its last line says so", "[oms]") {
    CHECK(init_has_completed("x\n[Completed] All initialization steps are executed\n"));
    CHECK(init_has_completed("[Completed] All initialization steps are executed"));
    CHECK(init_has_completed("【结束】全部初始化步骤执行成功\r\n\n"));
    CHECK_FALSE(init_has_completed(""));
    CHECK_FALSE(init_has_completed("ERROR 1146\n"));
    CHECK_FALSE(
        init_has_completed("[Completed] All initialization steps are executed\nERROR 1146\n"));
}

}  // namespace
}  // namespace oms
