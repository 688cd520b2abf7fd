#pragma once

#include "catch.hpp"
#include "oms/version.hpp"

#include <string>

namespace oms {

/// A way from one version to another, and what is said where it is not allowed.
struct PathRow {
    const char* source;
    const char* target;
    const char* said;  // null: allowed
};

inline void hold_path(const PathRow& row) {
    INFO(row.source << " to " << row.target);
    const auto problem = check_path(*parse_version(row.source), *parse_version(row.target));
    REQUIRE(problem.has_value() == (row.said != nullptr));
    if (!problem) return;
    const std::string all = problem->what + "; " + problem->remedy;
    CHECK_THAT(all, Catch::Matchers::Contains(row.said));
    CHECK_THAT(all, Catch::Matchers::Contains(row.source));
    CHECK_THAT(all, Catch::Matchers::Contains(row.target));
}

}  // namespace oms
