#include "oms/config.hpp"

#include "base/error.hpp"
#include "catch.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace oms {
namespace {

const std::string kJoint = R"(cm_location: "2"
cm_nodes:
  - "10.0.0.1"
  - "10.0.0.2"
cm_region: "cn-hangzhou"
cm_region_cn: "cn-hangzhou"
cm_url: "http://10.0.0.1:8088"
drc_cm_db: "oms_cm"
drc_cm_heartbeat_db: "oms_cm_hb_hangzhou"
drc_rm_db: "oms_rm"
oms_meta_host: "10.0.0.3"
oms_meta_password: "Pa55_word"
oms_meta_port: "2883"
oms_meta_user: "oms@tenant#cluster"
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

TEST_CASE("config.yaml with four keys has one MetaDB connection for all", "[oms][config]") {
    const Config config = parse_config(kJoint);
    CHECK(config.rm == MetaEndpoint{"10.0.0.3", 2883, "oms@tenant#cluster", Secret("Pa55_word")});
    CHECK(config.cm == config.rm);
    CHECK_FALSE(config.split);
    CHECK(config.rm_database == "oms_rm");
    CHECK(config.cm_database == "oms_cm");
    CHECK(config.heartbeat_database == "oms_cm_hb_hangzhou");
    CHECK(config.cm_url == "http://10.0.0.1:8088");
    CHECK(config.cm_location == 2);
    CHECK(config.cm_region == "cn-hangzhou");
    CHECK(config.cm_nodes == std::vector<std::string>{"10.0.0.1", "10.0.0.2"});
    CHECK(config.is_default);
    CHECK(config.ports == OmsPorts{8089, 8090, 8088, 9000, 2023});
}

TEST_CASE("config.yaml with eight keys has two", "[oms][config]") {
    std::string text = split_meta_keys(kJoint);
    text = replaced(text, "oms_cm_meta_host: \"10.0.0.3\"", "oms_cm_meta_host: \"10.0.0.4\"");
    const Config config = parse_config(text);
    CHECK(config.split);
    CHECK(config.rm.host == "10.0.0.3");
    CHECK(config.cm.host == "10.0.0.4");
}

TEST_CASE("numbers, booleans and lists are read as generated files write them", "[oms][config]") {
    std::string text = replaced(kJoint, "\"2883\"", "2883");
    text = replaced(text, "cm_location: \"2\"", "cm_location: 0");
    text += "cm_is_default: !!bool \"false\"\nnginx_server_port: 18089\ncm_server_port: '18088'\n";
    text += "unknown: {a: [1, 2]}\n";
    const Config config = parse_config("\xEF\xBB\xBF" + text);
    CHECK(config.rm.port == 2883);
    CHECK(config.cm_location == 0);
    CHECK_FALSE(config.is_default);
    CHECK(config.ports == OmsPorts{18089, 8090, 18088, 9000, 2023});
    CHECK(check_config(text, Version{4, 3, 0, ""}).empty());
}

TEST_CASE("config.yaml as JSON is YAML too", "[oms][config]") {
    const Config config = parse_config(
        R"({"cm_location":"2","cm_nodes":["10.0.0.1"],"cm_url":"http://10.0.0.1:8088",)"
        R"("drc_cm_db":"cm","drc_cm_heartbeat_db":"hb","drc_rm_db":"rm","oms_meta_host":"h",)"
        R"("oms_meta_password":"p","oms_meta_port":2883,"oms_meta_user":"u"})");
    CHECK(config.rm == MetaEndpoint{"h", 2883, "u", Secret("p")});
}

TEST_CASE("which keys a release reads", "[oms][config]") {
    CHECK(meta_keys_of({4, 3, 0, ""}) == MetaKeys::Joint);
    CHECK(meta_keys_of({4, 3, 1, ""}) == MetaKeys::Split);
    CHECK(meta_keys_of({5, 0, 0, ""}) == MetaKeys::Split);
    CHECK(meta_keys_of({4, 3, 1, "CE"}) == MetaKeys::Joint);
}

struct Fault {
    const char* from;  // of kJoint
    const char* to;
    const char* key;
    const char* said;
};

const Fault kFaults[] = {
    {"cm_location: \"2\"\n", "", "cm_location", "is missing"},
    {"cm_location: \"2\"", "cm_location: \"128\"", "cm_location", "from 0 to 127"},
    {"cm_location: \"2\"", "cm_location: -1", "cm_location", "from 0 to 127"},
    {"cm_location: \"2\"", "cm_location: 02", "cm_location", "whole number"},
    {"cm_location: \"2\"", "cm_location: two", "cm_location", "whole number"},
    {"cm_location: \"2\"", "cm_location: 99999999999999999999", "cm_location", "whole number"},
    {"cm_location: \"2\"", "cm_location: [2]", "cm_location", "list or a map"},
    {"cm_location: \"2\"", "cm_location:", "cm_location", "has no value"},
    {"\"2883\"", "\"0\"", "oms_meta_port", "from 1 to 65535"},
    {"\"2883\"", "\"65536\"", "oms_meta_port", "from 1 to 65535"},
    {"\"2883\"", "\"2883 \"", "oms_meta_port", "whole number"},
    {"\"2883\"", "0x1", "oms_meta_port", "whole number"},
    {"oms_meta_host: \"10.0.0.3\"\n", "", "oms_meta_host", "is missing"},
    {"\"10.0.0.3\"", "\"\"", "oms_meta_host", "has no value"},
    {"\"Pa55_word\"", "\"\"", "oms_meta_password", "has no value"},
    {"\"Pa55_word\"", "~", "oms_meta_password", "has no value"},
    {"\"oms_rm\"", "\"../rm\"", "drc_rm_db", "cannot be the name"},
    {"\"oms_rm\"", "\"oms`rm\"", "drc_rm_db", "cannot be the name"},
    {"\"oms_rm\"", "{a: b}", "drc_rm_db", "list or a map"},
    {"cm_nodes:\n  - \"10.0.0.1\"\n  - \"10.0.0.2\"\n", "", "cm_nodes", "is missing"},
    {"cm_nodes:\n  - \"10.0.0.1\"\n  - \"10.0.0.2\"\n", "cm_nodes: []\n", "cm_nodes", "list"},
    {"cm_nodes:\n  - \"10.0.0.1\"\n  - \"10.0.0.2\"\n", "cm_nodes: 10.0.0.1\n", "cm_nodes", "list"},
    {"  - \"10.0.0.2\"", "  - \"\"", "cm_nodes", "list"},
    {"  - \"10.0.0.2\"", "  - {a: b}", "cm_nodes", "list"},
    {"cm_region:", "nginx_server_port: 70000\ncm_region:", "nginx_server_port", "65535"},
    {"cm_region:", "cm_is_default: maybe\ncm_region:", "cm_is_default", "true or false"},
    {"cm_region:", "drc_rm_db: other\ncm_region:", "drc_rm_db", "lines 5 and 11"},
    {"cm_region:", "'cm_region': a\ncm_region:", "cm_region", "lines 5 and 6"},
    {"cm_region:", "x: {y: 1, y: 2}\ncm_region:", "y", "lines 5 and 5"},
};

bool names(const std::vector<ConfigProblem>& problems, const std::string& key, const char* said) {
    return std::any_of(problems.begin(), problems.end(), [&](const ConfigProblem& problem) {
        const std::string all = problem.what + "; " + problem.remedy;
        return problem.key == key && all.find(said) != std::string::npos && !problem.remedy.empty();
    });
}

TEST_CASE("what cannot be read is named by its key, with what to do", "[oms][config]") {
    for (const auto& fault : kFaults) {
        const std::string text = replaced(kJoint, fault.from, fault.to);
        INFO(text);
        const auto problems = check_config(text, MetaKeys::Joint);
        CHECK(problems.size() == 1);
        CHECK(names(problems, fault.key, fault.said));
        CHECK_THROWS_AS(parse_config(text), Terminal);
        CHECK_THROWS_WITH(parse_config(text), Catch::Matchers::Contains(fault.key));
    }
}

TEST_CASE("what OMS documents as forbidden is found, and still read", "[oms][config]") {
    const Fault rows[] = {
        {"//10.0.0.1:8088", "//127.0.0.1:8088", "cm_url", "127.0.0.1"},
        {"//10.0.0.1:8088", "//localhost:8088", "cm_url", "takes for itself"},
        {"http://10.0.0.1:8088", "10.0.0.1:8088", "cm_url", "not a URL"},
        {"http://10.0.0.1:8088", "http://", "cm_url", "not a URL"},
        {"http://10.0.0.1:8088", "http://:8088", "cm_url", "not a URL"},
        {"Pa55_word", "Pa55 word", "oms_meta_password", "holds a space"},
        {"Pa55_word", "Pa55'word", "oms_meta_password", "|\"'`()"},
        {"Pa55_word", "Pa55&word", "oms_meta_password", "|\"'`()"},
        {"Pa55_word", "Pa55\\nword", "oms_meta_password", "line end"},
        {"\"oms_rm\"", "\"oms_cm\"", "drc_cm_db", "drc_rm_db"},
        {"\"oms_rm\"", "oms_cm_hb_hangzhou", "drc_cm_heartbeat_db", "drc_rm_db"},
        {"\"oms_cm\"", "oms_cm_hb_hangzhou", "drc_cm_heartbeat_db", "drc_cm_db"},
        {"10.0.0.2", "10.0.0.1", "cm_nodes", "twice"},
    };
    for (const auto& row : rows) {
        const std::string text = replaced(kJoint, row.from, row.to);
        INFO(text);
        const auto problems = check_config(text, MetaKeys::Joint);
        CHECK(problems.size() == 1);
        CHECK(names(problems, row.key, row.said));
        CHECK_NOTHROW(parse_config(text));
    }
}

TEST_CASE("databases on two servers may share a name, on one they may not", "[oms][config]") {
    std::string text = replaced(split_meta_keys(kJoint), "\"oms_rm\"", "\"oms_cm\"");
    CHECK(names(check_config(text, MetaKeys::Split), "drc_cm_db", "drc_rm_db"));
    text = replaced(text, "oms_cm_meta_host: \"10.0.0.3\"", "oms_cm_meta_host: \"10.0.0.4\"");
    CHECK(check_config(text, MetaKeys::Split).empty());
}

TEST_CASE("all that is wrong is said at once", "[oms][config]") {
    std::string text = replaced(kJoint, "cm_location: \"2\"\n", "");
    text = replaced(text, "\"2883\"", "\"x\"");
    text = replaced(text, "//10.0.0.1", "//127.0.0.1");
    text += "drc_rm_db: again\n";
    const auto problems = check_config(text, MetaKeys::Joint);
    CHECK(problems.size() == 4);
    CHECK(names(problems, "cm_location", "missing"));
    CHECK(names(problems, "oms_meta_port", "whole number"));
    CHECK(names(problems, "cm_url", "127.0.0.1"));
    CHECK(names(problems, "drc_rm_db", "lines"));
}

TEST_CASE("keys of the wrong release are found as such, not as missing ones", "[oms][config]") {
    const std::string split = split_meta_keys(kJoint);
    const std::string half = kJoint + "oms_cm_meta_host: \"10.0.0.3\"\n";
    const Version v430{4, 3, 0, ""};
    const Version v431{4, 3, 1, ""};
    CHECK(check_config(kJoint, v430).empty());
    CHECK(check_config(split, v431).empty());

    const auto too_new = check_config(split, v430);
    CHECK(too_new.size() == 1);
    CHECK(names(too_new, "oms_meta_*", "already"));

    const auto too_old = check_config(kJoint, v431);
    CHECK(too_old.size() == 1);
    CHECK(names(too_old, "oms_meta_*", "deleted for OMS 4.3.1"));

    CHECK(names(check_config(half, v430), "oms_meta_*", "by half"));
    CHECK(names(check_config(half, v431), "oms_meta_*", "by half"));
    CHECK(names(check_config(half, v431), "oms_rm_meta_host", "is missing"));
    CHECK_THROWS_WITH(parse_config(half), Catch::Matchers::Contains("by half"));

    const auto none = check_config("a: b\n", v431);
    CHECK(names(none, "oms_rm_meta_host", "is missing"));
    CHECK(names(none, "oms_cm_meta_password", "is missing"));
    CHECK(names(none, "drc_rm_db", "is missing"));
}

std::string nested(std::size_t depth) {
    return "x: " + std::string(depth, '[') + std::string(depth, ']') + "\n";
}

TEST_CASE("a text that is no config.yaml is refused whole", "[oms][config]") {
    const struct {
        std::string text;
        const char* said;
    } rows[] = {
        {"", "empty"},
        {"# nothing\n", "empty"},
        {"~\n", "empty"},
        {"- a\n- b\n", "`key: value`"},
        {"cm_location:2\n", "`key: value`"},
        {"a: \"b\n", "never closed"},
        {"a: 'b''\n", "opens in line 1"},
        {"x: y\na:\n  - !!str \"b\\\"\n", "opens in line 3"},
        {"a: b: c\n", "not YAML at line 1"},
        {"a: [b\n", "not YAML"},
        {"a:\n\t- b\n", "not YAML"},
        {"a: 1\n---\nb: 2\n", "second document"},
        {"a: &x 1\n", "anchor"},
        {"a: &x 1\nb: *x\n", "anchor"},
        {"a: *x\n", "not YAML"},
        {"a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n", "anchor"},
        {nested(20), "deep"},
        {nested(400000), "deep"},
        {"a: b\rc: d\r", "control character"},
        {std::string("a: b\n\0c: d\n", 11), "line 2"},
        {"a: \x04\n", "control character"},
        {"a: \xff\n", "UTF-8"},
        {"a: \xc0\xaf\n", "UTF-8"},
        {"a: \xed\xa0\x80\n", "UTF-8"},
        {"a: \xe2\x82", "UTF-8"},
        {std::string("\xff\xfe"
                     "a\0:\0 \0b\0",
                     10),
         "control character"},
        {std::string(kConfigBytesMax + 1, '#'), "bytes long"},
    };
    for (const auto& row : rows) {
        INFO(row.text.substr(0, 100));
        CHECK_THROWS_WITH(parse_config(row.text), Catch::Matchers::Contains(row.said));
        CHECK_THROWS_AS(split_meta_keys(row.text), Terminal);
        const auto problems = check_config(row.text, MetaKeys::Joint);
        REQUIRE(problems.size() == 1);
        CHECK(names(problems, "", row.said));
    }
    CHECK_NOTHROW(parse_config(kJoint + nested(14)));
}

// Says everything the room says about a text, whether it throws it or returns it.
std::string everything_said(const std::string& text) {
    std::string said;
    for (const auto keys : {MetaKeys::Joint, MetaKeys::Split}) {
        for (const auto& problem : check_config(text, keys))
            said += problem.key + problem.what + problem.remedy + "\n";
    }
    try {
        parse_config(text);
    } catch (const Terminal& error) {
        said += error.what();
    }
    try {
        split_meta_keys(text);
    } catch (const Terminal& error) {
        said += error.what();
    }
    return said + mask_passwords(text);
}

TEST_CASE("whatever is wrong, nothing that is said holds the password", "[oms][config]") {
    // Goal: no message and no masked text shows a password.
    // Method: every fault above, and passwords that are themselves what is wrong.
    const std::string secret = "S3cretOfOurs";
    const std::string with_secret = replaced(kJoint, "Pa55_word", secret);
    std::vector<std::string> texts{with_secret, split_meta_keys(with_secret)};
    for (const auto& fault : kFaults) {
        if (std::string(fault.from).find("Pa55") == std::string::npos)
            texts.push_back(replaced(with_secret, fault.from, fault.to));
    }
    for (const char* value : {"\"S3cretOfOurs\\q\"",
                              "\"S3cretOfOurs",
                              "'S3cretOfOurs",
                              "S3cretOfOurs: x",
                              "*S3cretOfOurs",
                              "&S3cretOfOurs",
                              "!S3cretOfOurs",
                              "!<S3cretOfOurs x",
                              "%S3cretOfOurs",
                              "@S3cretOfOurs",
                              "`S3cretOfOurs",
                              "#S3cretOfOurs",
                              "x #S3cretOfOurs",
                              "[S3cretOfOurs]",
                              "[S3cretOfOurs",
                              "{S3cretOfOurs: S3cretOfOurs}",
                              "|\n  S3cretOfOurs\n  # S3cretOfOurs",
                              ">-\n  a\n\n  S3cretOfOurs",
                              "a\n  S3cretOfOurs",
                              "\"a\n  # S3cretOfOurs\"",
                              "\n  - S3cretOfOurs",
                              "\n- S3cretOfOurs",
                              "!!str S3cretOfOurs",
                              "'it''s S3cretOfOurs'",
                              "\"\\\" S3cretOfOurs\"",
                              "S3cretOfOurs\xff",
                              "S3cretOfOurs\x01",
                              "S3cret OfOurs, S3cretOfOurs"})
        texts.push_back(replaced(kJoint, "\"Pa55_word\"", value));
    texts.push_back(replaced(with_secret, "oms_meta_password: ", "oms_meta_password:"));
    texts.push_back(with_secret + "oms_meta_password: " + secret + "\n");
    texts.push_back(with_secret + "oms_rm_meta_password: " + secret + "\n");
    texts.push_back(with_secret + "# oms_meta_password: " + secret + "\n");
    texts.push_back(with_secret + "#oms_meta_password=\"" + secret + "\"\n");
    texts.push_back(with_secret + "a: b # Password : " + secret + "\n");
    texts.push_back(with_secret + "tsdb_password: " + secret + "\n");
    texts.push_back(with_secret + "apsara_audit_sls_access_secret: " + secret + "\n");
    texts.push_back(with_secret + "apsara_audit_sls_access_key: " + secret + "\n");
    texts.push_back(with_secret + "x: {drc_password: " + secret + ", b: c}\n");
    texts.push_back(with_secret + "x: [{DRC_PASSWORD: \"" + secret + "\"}]\n");
    texts.push_back(with_secret + "x:\n  - drc_password: " + secret + "\n    y: z\n");
    for (const auto& text : texts) {
        INFO(text);
        CHECK(everything_said(text).find("S3cret") == std::string::npos);
    }
}

TEST_CASE("a masked config.yaml shows everything but its secrets", "[oms][config]") {
    CHECK(mask_passwords(kJoint) == replaced(kJoint, "Pa55_word", "***"));
    const std::string split = split_meta_keys(kJoint);
    CHECK(mask_passwords(split) ==
          replaced(replaced(split, "Pa55_word", "***"), "Pa55_word", "***"));
    CHECK(mask_passwords("\xEF\xBB\xBF# top\r\n'a_password': x # y\r\nb: c # d\r\n") ==
          "\xEF\xBB\xBF# top\r\n'a_password': \"***\"\r\nb: c # d\r\n");
    CHECK(mask_passwords("{\"a\": \"b\", \"p_password\": \"x\", \"q_secret\": y , c: d}") ==
          "{\"a\": \"b\", \"p_password\": \"***\", \"q_secret\": \"***\", c: d}");
    CHECK(mask_passwords("password:\n  - a\n  - b\n# end\nc: d\n") ==
          "password:\n  \"***\"\n# end\nc: d\n");
    CHECK(mask_passwords("# password: x\nb: c\n") == "# password: ***\nb: c\n");
    CHECK(mask_passwords("# the password is kept elsewhere\n") ==
          "# the password is kept elsewhere\n");
    CHECK_THAT(mask_passwords("a: [\npassword: x"), Catch::Matchers::Contains("none of it"));
}

TEST_CASE("passwords of config.yaml are hidden in other texts too", "[config]") {
    CHECK(mask_values(kJoint, "mysql://oms:Pa55_word@h Pa55_word") == "mysql://oms:***@h ***");
    CHECK(mask_values(kJoint, "nothing of the kind") == "nothing of the kind");
    // One that is part of another, one that is like the mask, one too short to hide anything.
    CHECK(mask_values("a_password: abc\nb_secret: abcdef\nc_pwd: '***'\nd_pwd: x",
                      "abcdef abc *** x") == "*** *** *** x");
    CHECK_FALSE(mask_values("{", "anything").has_value());
}

}  // namespace
}  // namespace oms
