#include "oms/version.hpp"

#include "catch.hpp"
#include "path_row.hpp"

#include <string>

namespace oms {
namespace {

TEST_CASE("a version is read however OMS, its images and its tables write it", "[oms]") {
    const struct {
        const char* text;
        Version version;
    } rows[] = {
        {"4.3.1", {4, 3, 1, ""}},
        {"V4.3.1", {4, 3, 1, ""}},
        {"v4.3.1", {4, 3, 1, ""}},
        {"4.2.5-CE", {4, 2, 5, "CE"}},
        {"4.2.5_ce", {4, 2, 5, "CE"}},
        {"4.0.2_BP2", {4, 0, 2, "BP2"}},
        {"4.2.5-ce_bp1", {4, 2, 5, "CE-BP1"}},
        {"feature_4.3.1", {4, 3, 1, ""}},
        {"feature_4.2.11_ce", {4, 2, 11, "CE"}},
        {"0.0.0", {0, 0, 0, ""}},
        {"9999.9999.9999", {9999, 9999, 9999, ""}},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        CHECK(parse_version(row.text) == row.version);
    }
}

TEST_CASE("a text that is more or less than a version is none", "[oms]") {
    for (const char* text : {"",
                             "4",
                             "4.3",
                             "4.3.",
                             "4.3.1.",
                             "4.3.1.0",
                             " 4.3.1",
                             "4.3.1 ",
                             "4.3.1-",
                             "4.3.1--CE",
                             "4.3.1-CE-",
                             "4.3.1CE",
                             "4.3.01",
                             "04.3.1",
                             "4.3.-1",
                             "4.+3.1",
                             "VV4.3.1",
                             "feature4.3.1",
                             "feature_",
                             "V",
                             "4.3.1-C E",
                             "4.3.1\n",
                             "10000.0.0",
                             "latest",
                             "4.3.1-CE.",
                             "4,3,1",
                             "4.3.1-\xC3\xA9",
                             "99999999999999999999.1.1"}) {
        INFO(text);
        CHECK_FALSE(parse_version(text).has_value());
    }
    CHECK_FALSE(parse_version("4.3.1-" + std::string(100, 'x')).has_value());
}

TEST_CASE("versions are ordered by number, not by letter", "[oms]") {
    CHECK(*parse_version("4.2.9") < *parse_version("4.2.11"));
    CHECK(*parse_version("3.4.0") < *parse_version("4.0.0"));
    CHECK(*parse_version("4.3.1") > *parse_version("4.3.0"));
    CHECK_FALSE(*parse_version("4.0.2") < *parse_version("4.0.2-BP1"));
    CHECK_FALSE(*parse_version("4.0.2") > *parse_version("4.0.2-BP1"));
    CHECK(same_release(*parse_version("4.0.2"), *parse_version("4.0.2-BP1")));
    CHECK_FALSE(*parse_version("4.0.2") == *parse_version("4.0.2-BP1"));
}

TEST_CASE("a version written out is read back as the same", "[oms]") {
    for (const char* text : {"4.3.1", "4.2.11-CE", "4.0.2-BP2", "4.2.5-CE-BP1"})
        CHECK(to_string(parse_version(text).value()) == text);
}

TEST_CASE("the tag of an image names its version, a registry's port does not", "[oms]") {
    const struct {
        const char* reference;
        const char* version;  // null: names none
    } rows[] = {
        {"work.oceanbase-dev.com/obartifact-store/oms:feature_4.3.1", "4.3.1"},
        {"work.oceanbase-dev.com/oceanbase/oms:feature_4.2.11_ce", "4.2.11-CE"},
        {"registry:5000/oms:feature_4.3.0", "4.3.0"},
        {"oms:4.3.1", "4.3.1"},
        {"registry:4.3.1/oms", nullptr},
        {"registry:5000/oms", nullptr},
        {"oms", nullptr},
        {"oms:latest", nullptr},
        {"oms:", nullptr},
        {"oms:4.3.1:4.3.1", nullptr},
        {"oms:4.3.1@sha256:0123456789012345678901234567890123456789012345678901234567890123",
         nullptr},
        {"oms@sha256:0123456789012345678901234567890123456789012345678901234567890123", nullptr},
        {"sha256:0123456789012345678901234567890123456789012345678901234567890123", nullptr},
        {"", nullptr},
    };
    for (const auto& row : rows) {
        INFO(row.reference);
        const auto version = version_in_image(row.reference);
        REQUIRE(version.has_value() == (row.version != nullptr));
        if (version) CHECK(to_string(*version) == row.version);
    }
}

TEST_CASE("an upgrade goes upwards, from 3.2.1 on, within one edition", "[oms]") {
    const PathRow rows[] = {
        {"4.3.0", "4.3.1", nullptr},
        {"4.0.1", "4.3.1", nullptr},
        {"3.4.0", "4.3.1", nullptr},
        {"3.2.1", "4.3.1", nullptr},
        {"4.0.2-BP1", "4.3.1", nullptr},
        {"4.2.5-CE", "4.2.11-CE", nullptr},
        {"3.2.0", "4.3.1", "first upgrade to 3.2.1"},
        {"2.9.9", "4.3.1", "first upgrade to 3.2.1"},
        {"4.3.1", "4.3.1", "nothing to do"},
        {"4.3.1", "4.3.1-BP1", "nothing to do"},
        {"4.3.1", "4.3.0", "cannot be downgraded"},
        {"3.2.0", "3.1.0", "cannot be downgraded"},
        {"4.2.5-CE", "4.3.1", "Enterprise Edition"},
        {"4.2.5", "4.2.11-CE", "Community Edition"},
    };
    for (const auto& row : rows) hold_path(row);
}

TEST_CASE("schemas are restructured only from below 4.0.1", "[oms]") {
    CHECK(needs_schema_migration({3, 2, 1, ""}));
    CHECK(needs_schema_migration({4, 0, 0, ""}));
    CHECK_FALSE(needs_schema_migration({4, 0, 0, "CE"}));
    CHECK(has_jdbc_writers({4, 0, 0, "CE"}));
    CHECK_FALSE(needs_schema_migration({4, 0, 1, ""}));
    CHECK_FALSE(needs_schema_migration({4, 3, 0, ""}));
}

TEST_CASE("config.yaml is split on the way to 4.3.1, unless an old OAT deployed OMS", "[oms]") {
    const Version v430{4, 3, 0, ""};
    const Version v431{4, 3, 1, ""};
    const Version v432{4, 3, 2, ""};
    CHECK(needs_config_split(v430, v431, std::nullopt));
    CHECK(needs_config_split({3, 2, 1, ""}, v432, std::nullopt));
    CHECK_FALSE(needs_config_split({4, 2, 0, ""}, v430, std::nullopt));
    CHECK_FALSE(needs_config_split(v431, v432, std::nullopt));
    CHECK_FALSE(needs_config_split(v430, v431, Version{4, 3, 1, ""}));
    CHECK(needs_config_split(v430, v431, Version{4, 3, 2, ""}));
    CHECK_FALSE(needs_config_split({4, 2, 11, "CE"}, {4, 3, 1, "CE"}, std::nullopt));
}

}  // namespace
}  // namespace oms
