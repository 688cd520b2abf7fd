#include "base/error.hpp"
#include "catch.hpp"
#include "oms/config.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace oms {
namespace {

// The procedure's own sample, "Modify the config.yaml file", before and after.
const std::string kSampleOf430 = R"("cm_location": "2"
"cm_nodes":
- "xxx.xxx.xxx.1"
- "xxx.xxx.xxx.2"
"cm_region": "cn-hangzhou"
"cm_region_cn": "cn-hangzhou"
"cm_url": "http://xxx.xxx.xxx.1:8088"
"drc_cm_db": "oms_cm"
"drc_cm_heartbeat_db": "oms_cm_hb_hangzhou"
"drc_rm_db": "oms_rm"
"oms_meta_host": "xxx.xxx.xxx.3"
"oms_meta_password": "ob_password"
"oms_meta_port": "2883"
"oms_meta_user": "oms_meta_user"
)";

const std::string kSampleOf431 = R"("cm_location": "2"
"cm_nodes":
- "xxx.xxx.xxx.1"
- "xxx.xxx.xxx.2"
"cm_region": "cn-hangzhou"
"cm_region_cn": "cn-hangzhou"
"cm_url": "http://xxx.xxx.xxx.1:8088"
"drc_cm_db": "oms_cm"
"drc_cm_heartbeat_db": "oms_cm_hb_hangzhou"
"drc_rm_db": "oms_rm"
"oms_cm_meta_host": "xxx.xxx.xxx.3"
"oms_cm_meta_password": "ob_password"
"oms_cm_meta_port": "2883"
"oms_cm_meta_user": "oms_meta_user"
"oms_rm_meta_host": "xxx.xxx.xxx.3"
"oms_rm_meta_password": "ob_password"
"oms_rm_meta_port": "2883"
"oms_rm_meta_user": "oms_meta_user"
)";

TEST_CASE("the procedure's sample becomes the procedure's sample", "[oms][config]") {
    CHECK(split_meta_keys(kSampleOf430) == kSampleOf431);
    CHECK(split_meta_keys(kSampleOf431) == kSampleOf431);
    CHECK(check_config(kSampleOf430, Version{4, 3, 0, ""}).empty());
    CHECK(check_config(kSampleOf431, Version{4, 3, 1, ""}).empty());
}

/// A file of the four keys with one of them written as given.
std::string with_host(const std::string& host) {
    return "oms_meta_port: 2883\na: b\n" + host + "c: d\noms_meta_user: u\noms_meta_password: p\n";
}

std::string with_hosts(const std::string& hosts) {
    return "oms_cm_meta_port: 2883\noms_rm_meta_port: 2883\na: b\n" + hosts +
           "c: d\noms_cm_meta_user: u\noms_cm_meta_password: p\noms_rm_meta_user: u\n"
           "oms_rm_meta_password: p\n";
}

TEST_CASE("a key is doubled in the hand it is written in", "[oms][config]") {
    const struct {
        const char* host;
        const char* hosts;
    } rows[] = {
        {"oms_meta_host: h\n", "oms_cm_meta_host: h\noms_rm_meta_host: h\n"},
        {"'oms_meta_host': 'h'\n", "'oms_cm_meta_host': 'h'\n'oms_rm_meta_host': 'h'\n"},
        {"\"oms_meta_host\" :   h   # why\n",
         "\"oms_cm_meta_host\" :   h   # why\n\"oms_rm_meta_host\" :   h   # why\n"},
        {"# above\noms_meta_host: \"h # 'no' comment\" # one\n# below\n",
         "# above\noms_cm_meta_host: \"h # 'no' comment\" # one\n"
         "oms_rm_meta_host: \"h # 'no' comment\" # one\n# below\n"},
        {"oms_meta_host: h#h\n\n\n", "oms_cm_meta_host: h#h\noms_rm_meta_host: h#h\n\n\n"},
        {"oms_meta_host: !!str 1\n", "oms_cm_meta_host: !!str 1\noms_rm_meta_host: !!str 1\n"},
        {"oms_meta_host: !!bool \"true\"\n",
         "oms_cm_meta_host: !!bool \"true\"\noms_rm_meta_host: !!bool \"true\"\n"},
        {"oms_meta_host:\n  h\n", "oms_cm_meta_host:\n  h\noms_rm_meta_host:\n  h\n"},
        {"oms_meta_host: h\n  i\n\n  j\n# end\n",
         "oms_cm_meta_host: h\n  i\n\n  j\noms_rm_meta_host: h\n  i\n\n  j\n# end\n"},
        {"oms_meta_host: \"h\n  # i\"\n",
         "oms_cm_meta_host: \"h\n  # i\"\noms_rm_meta_host: \"h\n  # i\"\n"},
        {"oms_meta_host: 'it''s\n\n  h'  # x\n",
         "oms_cm_meta_host: 'it''s\n\n  h'  # x\noms_rm_meta_host: 'it''s\n\n  h'  # x\n"},
        {"oms_meta_host: \"\\\"oms_meta_host: \\\\\"\n",
         "oms_cm_meta_host: \"\\\"oms_meta_host: \\\\\"\n"
         "oms_rm_meta_host: \"\\\"oms_meta_host: \\\\\"\n"},
        {"oms_meta_host: |\n  h\n  # i\n",
         "oms_cm_meta_host: |\n  h\n  # i\noms_rm_meta_host: |\n  h\n  # i\n"},
        {"oms_meta_host: >-\n  h\n  i\n\n",
         "oms_cm_meta_host: >-\n  h\n  i\noms_rm_meta_host: >-\n  h\n  i\n\n"},
        {"oms_meta_host: \xE6\x9D\xAD\xE5\xB7\x9E # \xE5\xB7\x9E\n",
         "oms_cm_meta_host: \xE6\x9D\xAD\xE5\xB7\x9E # \xE5\xB7\x9E\n"
         "oms_rm_meta_host: \xE6\x9D\xAD\xE5\xB7\x9E # \xE5\xB7\x9E\n"},
    };
    for (const auto& row : rows) {
        INFO(row.host);
        CHECK(split_meta_keys(with_host(row.host)) == with_hosts(row.hosts));
    }
}

TEST_CASE("line ends, marks and a last line without newline stay", "[oms][config]") {
    const std::string four =
        "oms_meta_host: h\r\noms_meta_port: 1\r\noms_meta_user: u\r\noms_meta_password: p";
    const std::string eight =
        "oms_cm_meta_host: h\r\noms_cm_meta_port: 1\r\noms_cm_meta_user: u\r\n"
        "oms_cm_meta_password: p\r\noms_rm_meta_host: h\r\noms_rm_meta_port: 1\r\n"
        "oms_rm_meta_user: u\r\noms_rm_meta_password: p";
    CHECK(split_meta_keys(four) == eight);
    CHECK(split_meta_keys("\xEF\xBB\xBF" + four) == "\xEF\xBB\xBF" + eight);
    CHECK(split_meta_keys("%YAML 1.2\r\n---\r\n" + four + "\r\n...\r\n") ==
          "%YAML 1.2\r\n---\r\n" + eight + "\r\n...\r\n");
    CHECK(split_meta_keys("--- # top\r\n" + four + " # end") == "--- # top\r\n" + [&] {
        std::string with_comments = eight;
        with_comments.insert(with_comments.find("\r\noms_rm_meta_host"), " # end");
        return with_comments + " # end";
    }());
    CHECK(split_meta_keys("  a: b\n  oms_meta_host: h\n  oms_meta_port: 1\n  oms_meta_user: u\n"
                          "  oms_meta_password: p\n") ==
          "  a: b\n  oms_cm_meta_host: h\n  oms_cm_meta_port: 1\n  oms_cm_meta_user: u\n"
          "  oms_cm_meta_password: p\n  oms_rm_meta_host: h\n  oms_rm_meta_port: 1\n"
          "  oms_rm_meta_user: u\n  oms_rm_meta_password: p\n");
}

TEST_CASE("what cannot be edited line by line is refused, never guessed", "[oms][config]") {
    const struct {
        std::string text;
        const char* said;
    } rows[] = {
        {with_host(""), "only oms_meta_port, oms_meta_user and oms_meta_password"},
        {"a: b\n", "no oms_meta_* keys"},
        {with_host("oms_meta_host: h\noms_rm_meta_host: h\n"), "by half"},
        {"oms_rm_meta_host: h\n", "by half"},
        {with_host("oms_meta_host: h\n\"oms_meta_host\": h\n"), "lines 3 and 4"},
        {with_host("oms_meta_host: [h]\n"), "no single value"},
        {with_host("oms_meta_host: {h: i}\n"), "no single value"},
        {with_host("oms_meta_host:\n"), "no single value"},
        {with_host("? oms_meta_host\n: h\n"), "begin its line"},
        {with_host("\"oms\\x5fmeta_host\": h\n"), "begin its line"},
        {with_host("!!str oms_meta_host: h\n"), "begin its line"},
        {with_host("oms_meta_host: |+\n  h\n\n"), "line by line"},
        {"{oms_meta_host: h, oms_meta_port: 1, oms_meta_user: u, oms_meta_password: p}", "{ and }"},
        {"a: {oms_meta_host: h, oms_meta_port: 1, oms_meta_user: u, oms_meta_password: p}", "no"},
        {split_meta_keys(kSampleOf430) + "\"oms_rm_meta_host\": h\n", "lines"},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        CHECK_THROWS_AS(split_meta_keys(row.text), Terminal);
        CHECK_THROWS_WITH(split_meta_keys(row.text), Catch::Matchers::Contains(row.said));
    }
}

/// A config.yaml in some hand.
class Writer {
public:
    explicit Writer(unsigned seed) : random_(seed) {}

    /// Pieces of whole lines; those of the four keys begin with a '!', which is not of the file.
    std::vector<std::string> write() {
        std::vector<std::string> pieces;
        newline_ = chance() ? "\n" : "\r\n";
        indentation_ = std::string(static_cast<std::size_t>(pick(4) == 0 ? 2 : 0), ' ');
        for (const char* part : {"host", "port", "user", "password"})
            pieces.push_back("!" + entry(std::string("oms_meta_") + part, scalar()));
        for (const char* key : {"cm_url", "drc_rm_db", "not_oms_meta_host", "oms_meta_hosts"})
            pieces.push_back(entry(key, scalar()));
        pieces.push_back(entry("cm_nodes", list()));
        for (int i = pick(6); i > 0; --i) pieces.push_back(comment());
        std::shuffle(pieces.begin(), pieces.end(), random_);
        return pieces;
    }

    bool chance() { return pick(2) == 1; }
    int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
    const std::string& newline() const { return newline_; }

private:
    template <class T>
    const T& one_of(const std::vector<T>& all) {
        return all[static_cast<std::size_t>(pick(static_cast<int>(all.size())))];
    }

    std::string entry(const std::string& key, const std::string& value) {
        const auto quote = one_of<std::string>({"", "'", "\""});
        const auto tail = one_of<std::string>({"", "", " ", " # oms_meta_host: x", "\t# \"'[{"});
        const bool may_tail = value.find('\n') == std::string::npos || value.ends_with('"');
        return indentation_ + quote + key + quote + one_of<std::string>({": ", ":  ", " : "}) +
               value + (may_tail ? tail : "") + newline_;
    }

    std::string scalar() {
        const std::string deeper = newline_ + indentation_ + "  ";
        return one_of<std::string>({"plain",
                                    "two words",
                                    "a#b:c",
                                    "127",
                                    "\"quoted # not a comment\"",
                                    "'it''s'",
                                    "\"\\\"\\\\\"",
                                    "\"\xE6\x9D\xAD\"",
                                    "!!bool \"true\"",
                                    "!!str 12",
                                    "\"\"",
                                    "\"a" + deeper + "# b" + deeper + newline_ + deeper + "\"",
                                    "a" + deeper + "b" + newline_ + deeper + "oms_meta_host",
                                    "|" + deeper + "# a" + deeper + "b: c",
                                    ">-" + deeper + "a" + deeper + "b",
                                    "p@ss,w[o]rd{}"});
    }

    std::string list() {
        const std::string item = newline_ + indentation_ + "- ";
        return one_of<std::string>({"[]",
                                    "[\"10.0.0.1\", 10.0.0.2]",
                                    item + "a" + item + "\"oms_meta_host: x\"",
                                    newline_ + indentation_ + "  - {oms_meta_port: 1}"});
    }

    std::string comment() {
        return one_of<std::string>({"# plain" + newline_,
                                    newline_,
                                    "   " + newline_,
                                    " # oms_meta_user: \"" + newline_,
                                    "#oms_meta_password: x" + newline_});
    }

    std::mt19937 random_;
    std::string newline_;
    std::string indentation_;
};

std::string joined(const std::vector<std::string>& pieces) {
    std::string text;
    for (const auto& piece : pieces) text += piece.front() == '!' ? piece.substr(1) : piece;
    return text;
}

/// The same values by yaml-cpp's own way of reading, which the room does not go.
std::string values_of(const YAML::Node& node) {
    std::string text = node.Tag();
    if (node.IsScalar()) return text + "=" + node.Scalar();
    for (const auto& item : node)
        text += item.IsDefined() ? "[" + values_of(item) + "]"
                                 : "{" + values_of(item.first) + ":" + values_of(item.second) + "}";
    return text;
}

void check_values(const std::string& before, const std::string& after) {
    std::multiset<std::string> expected;
    for (const auto& entry : YAML::Load(before)) {
        const std::string key = entry.first.Scalar();
        const std::string value = values_of(entry.second);
        const bool joint = key == "oms_meta_host" || key == "oms_meta_port" ||
                           key == "oms_meta_user" || key == "oms_meta_password";
        if (!joint) expected.insert(key + " " + value);
        if (!joint) continue;
        expected.insert("oms_cm_" + key.substr(4) + " " + value);
        expected.insert("oms_rm_" + key.substr(4) + " " + value);
    }
    std::multiset<std::string> found;
    for (const auto& entry : YAML::Load(after))
        found.insert(entry.first.Scalar() + " " + values_of(entry.second));
    REQUIRE(found == expected);
}

TEST_CASE("any config.yaml keeps its values, and its other lines byte for byte", "[oms][config]") {
    // Goal: no hand of writing makes the edit touch what it should not.
    // Method: files of written pieces in any order. The edited file must be, piece by piece, the
    //         same, with each piece of the four keys there twice under its new names; its values
    //         are compared through yaml-cpp's own nodes. Edited again, it stays.
    int refused = 0;
    constexpr unsigned kFiles = 3000;
    for (unsigned seed = 0; seed < kFiles; ++seed) {
        Writer writer(seed);
        auto pieces = writer.write();
        std::string& last = pieces.back();
        if (seed % 5 == 0 && last.size() > 6 && last.find('|') == std::string::npos)
            last.resize(last.size() - writer.newline().size());
        const std::string text = joined(pieces);
        INFO("seed " << seed << "\n" << text);

        std::string after;
        try {
            after = split_meta_keys(text);
        } catch (const Terminal&) {
            ++refused;  // allowed, as long as it is rare: a refusal edits nothing
            continue;
        }
        check_values(text, after);
        REQUIRE(split_meta_keys(after) == after);

        std::string rest = after;
        std::string expected_rest;
        for (const auto& piece : pieces) {
            if (piece.front() != '!') {
                expected_rest += piece;
                continue;
            }
            for (const char* prefix : {"oms_cm_meta_", "oms_rm_meta_"}) {
                std::string copy = piece.substr(1);
                copy.replace(copy.find("oms_meta_"), 9, prefix);
                // Of a last line without newline, only the first of the two has to get one.
                if (!copy.ends_with('\n') && copy.find("oms_cm_") < 4) copy += writer.newline();
                const auto at = rest.find(copy);
                REQUIRE(at != std::string::npos);
                rest.erase(at, copy.size());
            }
        }
        REQUIRE(rest == expected_rest);
    }
    CHECK(refused < static_cast<int>(kFiles / 20));
}

}  // namespace
}  // namespace oms
