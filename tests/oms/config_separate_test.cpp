// Goal: config.yaml for a separate cm database differs from the split one in the cm values alone.
// Method: files as people write them; the values read back by parse_config, the rest byte by byte.

#include "base/error.hpp"
#include "catch.hpp"
#include "oms/config.hpp"

namespace oms {
namespace {

using Catch::Matchers::Contains;

const std::string kSplit = R"(# by hand
"cm_location": "2"
cm_nodes: ["10.0.0.1"]
cm_url: http://10.0.0.1:8088
oms_cm_meta_host: 10.0.0.3   # the old one
'oms_cm_meta_password': 'it''s'  # rotated
oms_cm_meta_port: 2883
"oms_cm_meta_user": "a\"b"
oms_rm_meta_host: 10.0.0.3
oms_rm_meta_password: rm_password
oms_rm_meta_port: 2883
oms_rm_meta_user: oms
drc_cm_db: "oms_cm" # cm
drc_cm_heartbeat_db: oms_cm_hb
drc_rm_db: oms_rm
)";

SeparateCm place() {
    return {.place = {.host = "10.0.0.9",
                      .port = 2881,
                      .user = "oms@cm#cluster",
                      .password = Secret("Cm_2025.x")},
            .names = {{"oms_cm", "oms_cm"}, {"oms_cm_hb", "beats"}}};
}

TEST_CASE("the cm values are those of the place, and every other byte stays",
          "[config][separate]") {
    CHECK(separate_cm(kSplit, place()) == R"(# by hand
"cm_location": "2"
cm_nodes: ["10.0.0.1"]
cm_url: http://10.0.0.1:8088
oms_cm_meta_host: "10.0.0.9"   # the old one
'oms_cm_meta_password': "Cm_2025.x"  # rotated
oms_cm_meta_port: "2881"
"oms_cm_meta_user": "oms@cm#cluster"
oms_rm_meta_host: 10.0.0.3
oms_rm_meta_password: rm_password
oms_rm_meta_port: 2883
oms_rm_meta_user: oms
drc_cm_db: "oms_cm" # cm
drc_cm_heartbeat_db: "beats"
drc_rm_db: oms_rm
)");
    const Config config = parse_config(separate_cm(kSplit, place()));
    CHECK(config.cm == place().place);
    CHECK(config.heartbeat_database == "beats");
    CHECK(config.rm.password == Secret("rm_password"));
}

TEST_CASE("it is made of joint keys by way of the split", "[config][separate]") {
    const std::string joint =
        "oms_meta_host: h\r\noms_meta_port: 1\r\noms_meta_user: u\r\n"
        "oms_meta_password: p\r\ndrc_rm_db: r\r\ndrc_cm_db: oms_cm\r\n"
        "drc_cm_heartbeat_db: oms_cm_hb\r\ncm_url: http://10.0.0.1:8088\r\n"
        "cm_location: 1\r\ncm_nodes: [10.0.0.1]\r\n";
    const std::string made = separate_cm(split_meta_keys(joint), place());
    CHECK(parse_config(made).cm == place().place);
    CHECK(parse_config(made).rm.host == "h");
    CHECK(made.find("oms_cm_meta_host: \"10.0.0.9\"\r\n") != std::string::npos);
}

TEST_CASE("what config.yaml cannot hold is refused, and not shown", "[config][separate]") {
    for (const std::string password : {"", "a b", "a;b", "a'b", "a\\b", "a\nb", "a{b"}) {
        SeparateCm wanted = place();
        wanted.place.password = Secret(password);
        CHECK_THROWS_WITH(separate_cm(kSplit, wanted), Contains("password"));
        if (!password.empty()) CHECK_THROWS_WITH(separate_cm(kSplit, wanted), !Contains(password));
    }
    SeparateCm wanted = place();
    wanted.place.user = "a\"b";
    CHECK_THROWS_AS(separate_cm(kSplit, wanted), Terminal);
}

TEST_CASE("a file that cannot be edited line by line is refused", "[config][separate]") {
    const auto with = [](std::string text, const std::string& old, const std::string& other) {
        return text.replace(text.find(old), old.size(), other);
    };
    const std::string host = "oms_cm_meta_host: 10.0.0.3   # the old one";
    for (const std::string other : {"",
                                    "oms_cm_meta_host: |\n  10.0.0.3",
                                    "oms_cm_meta_host: !!str 10.0.0.3",
                                    "oms_cm_meta_host: \"10.0\\\n  .0.3\"",
                                    "oms_cm_meta_host: [10.0.0.3]",
                                    "oms_cm_meta_host:"}) {
        INFO(other);
        CHECK_THROWS_AS(separate_cm(with(kSplit, host, other), place()), Terminal);
    }
}

}  // namespace
}  // namespace oms
