#include "api/manifest.hpp"

#include "api/validate.hpp"
#include "base/files.hpp"
#include "catch.hpp"
#include "full.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace oms::api {
namespace {

namespace fs = std::filesystem;

const std::string kHead = "apiVersion: oms.oceanbase.com/v1alpha1\nkind: OMSUpgrade\n";

const std::string kSmallest = kHead +
                              "metadata: {name: to-431}\n"
                              "spec:\n"
                              "  targetVersion: 4.3.1\n"
                              "  image: {reference: \"work.oceanbase-dev.com/obartifact-store/"
                              "oms:feature_4.3.1\"}\n"
                              "  nodes:\n"
                              "    - docker: {endpoint: \"unix:///var/run/docker.sock\"}\n"
                              "      container: oms_430\n";

std::string text_of(const fs::path& path) {
    return read_whole(path).value();
}

/// Everything that is wrong with a manifest, as a person reads it; empty when nothing is.
std::string complaint(const std::string& text) {
    try {
        read_manifest(text, "m.yaml");
    } catch (const BadManifest& bad) {
        return bad.what();
    }
    return {};
}

TEST_CASE("the smallest manifest is all that has to be said", "[manifest]") {
    const Manifest manifest = read_manifest(kSmallest, "m.yaml");
    CHECK(only_upgrade(manifest, "m.yaml") == smallest());
    CHECK(manifest.secrets.empty());
}

TEST_CASE("every field may be said, though some exclude each other", "[manifest]") {
    Spec separated = full().spec;
    separated.discovery.reset();
    separated.meta_db.separate_cm.reset();
    CHECK(validate(separated).empty());
    Spec integrated = full().spec;
    integrated.deployment_mode = DeploymentMode::Integrated;
    integrated.nodes.front().role = Role::All;
    integrated.keep_tasks_running = false;
    integrated.assistant_image.reset();
    CHECK(validate(integrated).empty());
}

TEST_CASE("a manifest may be JSON", "[manifest]") {
    const std::string json =
        "{\n\t\"apiVersion\": \"oms.oceanbase.com/v1alpha1\", \"kind\": \"OMSUpgrade\",\n"
        "\t\"metadata\": {\"name\": \"to-431\"},\n\t\"spec\": {\"targetVersion\": \"4.3.1\",\n"
        "\t\t\"image\": {\"reference\": "
        "\"work.oceanbase-dev.com\\/obartifact-store\\/oms:feature_4.3.1\"},\n"
        "\t\t\"nodes\": [{\"container\": \"oms_430\"}]}}\n";
    CHECK(only_upgrade(read_manifest(json, "m.json"), "m.json") == smallest());
}

TEST_CASE("each bad manifest of the table is refused for its one reason", "[manifest]") {
    // tests/api/test_crd.py asks a real API server about the same files.
    int files = 0;
    for (const auto& entry : fs::directory_iterator(OMS_SOURCE_DIR "/tests/api/bad_manifests")) {
        INFO(entry.path().filename());
        const std::string text = text_of(entry.path());
        const std::string begin = "# expected: ";
        REQUIRE(text.starts_with(begin));
        const std::string expected = text.substr(begin.size(), text.find('\n') - begin.size());
        try {
            read_manifest(text, "m.yaml");
            FAIL("was accepted");
        } catch (const BadManifest& bad) {
            INFO(bad.what());
            CHECK(bad.problems.size() == 1);
            CHECK(std::string(bad.what()).find(expected) != std::string::npos);
        }
        ++files;
    }
    CHECK(files > 50);
}

TEST_CASE("the samples are valid, and start nothing", "[manifest]") {
    const std::string samples = OMS_SOURCE_DIR "/manifests/samples/";
    const Manifest secrets = read_manifest(text_of(samples + "secrets.yaml"), "secrets.yaml");
    CHECK(secrets.secrets.size() == 3);
    CHECK(only_upgrade(read_manifest(text_of(samples + "smallest.yaml"), ""), "").spec.paused);
    const Manifest site = read_manifest(text_of(samples + "site.yaml"), "site.yaml");
    const OmsUpgrade& upgrade = only_upgrade(site, "site.yaml");
    CHECK(upgrade.spec.paused);
    CHECK(upgrade.spec.nodes.size() == 2);
    CHECK(secrets.secrets.contains({"default", upgrade.spec.nodes[0].docker.tls_secret->name}));
    CHECK(secrets.secrets.contains({"default", upgrade.spec.image.pull_secret->name}));
    CHECK(secrets.secrets.contains({"default", upgrade.spec.meta_db.rm.credentials_secret->name}));
}

TEST_CASE("everything wrong is said at once, each on its line", "[manifest]") {
    const std::string text = kHead +
                             "metadata: {name: to-431}\n"  // line 3
                             "spec:\n"
                             "  targetVersion: newest\n"
                             "  image: {reference: oms}\n"
                             "  nodes:\n"
                             "    - docker:\n"
                             "        endpoint: http://10.0.0.7\n"  // line 9
                             "      contaner: oms_430\n"
                             "  paused: 1\n";
    CHECK(complaint(text) ==
          "m.yaml: 6 problems:\n"
          "  line 8: spec.nodes[0].container: is required\n"
          "  line 10: spec.nodes[0].contaner: is not a known field: did you mean container?\n"
          "  line 11: spec.paused: must be true or false, but is the number 1\n"
          "  line 5: spec.targetVersion: must be a version such as 4.3.1 or 4.2.11-CE\n"
          "  line 6: spec.image.reference: must be an image with its tag or digest, such as "
          "registry.example.com/oms:feature_4.3.1\n"
          "  line 9: spec.nodes[0].docker.endpoint: must be unix:///path/to/docker.sock or "
          "tcp://host:port");
}

TEST_CASE("what is no manifest is refused, and told from what is a bad one", "[manifest]") {
    const std::vector<std::pair<std::string, std::string>> all{
        {"", "m.yaml: is empty"},
        {"---\n---\n", "m.yaml: is empty"},
        {"a: [1, 2\nb: {", "is not YAML: "},
        {"spec:\n\t- tab", "m.yaml: line 2: is not YAML: "},
        {"to be upgraded", "line 1: must be a manifest, but is \"to be upgraded\""},
        {"- a\n", "line 1: must be a manifest, but is a list"},
        {"\xFF\xFE", "m.yaml: is not a text file in UTF-8"},
        {std::string("a\0b", 3), "m.yaml: is not a text file in UTF-8"},
        {std::string(kManifestBytesMax + 1, ' '), "m.yaml: is bigger than 1 MiB"},
        {"spec: {}\n",
         "line 1: kind: must be OMSUpgrade (oms.oceanbase.com/v1alpha1) or Secret "
         "(v1), but is not said"},
        {"\napiVersion: v1\nkind: Pod\n",
         "line 3: kind: must be OMSUpgrade "
         "(oms.oceanbase.com/v1alpha1) or Secret (v1), but is "
         "\"Pod\" (v1)"},
        {"apiVersion: v1\nkind: OMSUpgrade\n",
         "line 1: apiVersion: must be oms.oceanbase.com/v1alpha1, but is \"v1\""},
        {"apiVersion: v2\nkind: Secret\n", "but is \"Secret\" (v2)"},
    };
    for (const auto& [text, expected] : all) {
        const std::string said = complaint(text);
        INFO(said);
        INFO(expected);
        CHECK(said.find(expected) != std::string::npos);
    }
}

TEST_CASE("YAML that tools read in different ways is refused", "[manifest]") {
    const std::vector<std::pair<std::string, std::string>> all{
        {kSmallest + "  paused: true\n  paused: false\n",
         "line 11: spec.paused: stands here twice"},
        {kSmallest + "  1: 2\n", "line 10: spec: has a key that is not text"},
        {kSmallest + "  ? [a]\n  : 2\n", "spec: has a key that is not text"},
        {kSmallest + "  <<: {paused: true}\n", "line 10: spec: has a merge key (<<)"},
        {kSmallest + "  paused: !!bool \"true\"\n", "line 10: spec.paused: must not have a tag"},
        {kSmallest + "  paused: yes\n", "spec.paused: must be true or false, but is \"yes\""},
        {kSmallest + "  backup: {threads: 010}\n",
         "spec.backup.threads: must be a plain number, or text in quotes: tools read 010 in"},
        {kSmallest + "  prechecks: &loop {waive: [*loop]}\n", "is nested too deep"},
    };
    for (const auto& [text, expected] : all) {
        const std::string said = complaint(text);
        INFO(said);
        INFO(expected);
        CHECK(said.find(expected) != std::string::npos);
    }
}

TEST_CASE("aliases may be used, and cannot be blown up", "[manifest]") {
    const std::string twice = kSmallest + "  metaDB: {rm: &db {host: metadb}, cm: *db}\n";
    const Manifest manifest = read_manifest(twice, "m.yaml");
    CHECK(manifest.upgrades.front().spec.meta_db.cm.host == "metadb");

    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 12; ++i) {
        const std::string name = "a" + std::to_string(i);
        const std::string last = "*a" + std::to_string(i - 1);
        bomb += name + ": &" + name + " [";
        for (int j = 0; j < 10; ++j) bomb += last + ", ";
        bomb += "]\n";
    }
    CHECK(complaint(bomb).find("holds too much") != std::string::npos);
    CHECK_FALSE(complaint(std::string(100000, '[')).empty());
    CHECK_FALSE(complaint(std::string(100000, '{')).empty());
}

TEST_CASE("null says nothing, as to an API server", "[manifest]") {
    const std::string text = kSmallest + "  paused:\n  backup: ~\n  oat: {version: null}\n";
    CHECK(read_manifest(text, "m.yaml").upgrades.front() == smallest());
}

TEST_CASE("a file may hold the Secrets that its upgrade names", "[manifest]") {
    const std::string text = kSmallest +
                             "---\napiVersion: v1\nkind: Secret\nmetadata: {name: db}\n"
                             "data: {username: cm9vdA==, password: b2xk}\n"
                             "stringData: {password: \"p:w\"}\n"
                             "---\napiVersion: v1\nkind: Secret\n"
                             "metadata: {name: db, namespace: other}\n";
    const Manifest manifest = read_manifest(text, "m.yaml");
    const SecretData& secret = manifest.secrets.at({"default", "db"});
    CHECK(secret.values.at("username") == Secret("root"));
    CHECK(secret.values.at("password") == Secret("p:w"));
    CHECK(manifest.secrets.at({"other", "db"}).values.empty());
    CHECK(only_upgrade(manifest, "m.yaml") == smallest());
}

TEST_CASE("a bad Secret is told about without its values", "[manifest]") {
    const std::string secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\n";
    const std::string said = complaint(secret + "data:\n  password: hunter2!\n  pin: 271828\n") +
                             complaint(secret + "stringData: hunter2\n") +
                             complaint(secret + "---\n" + secret);
    INFO(said);
    CHECK(said.find("hunter2") == std::string::npos);
    CHECK(said.find("271828") == std::string::npos);
    CHECK(said.find("line 5: data.password: must be base64; plain text goes into stringData") !=
          std::string::npos);
    CHECK(said.find("line 6: data.pin: must be text: put it in quotes") != std::string::npos);
    CHECK(said.find("line 4: stringData: must be an object of texts") != std::string::npos);
    CHECK(said.find("metadata.name: stands here twice") != std::string::npos);
}

TEST_CASE("a file for one run holds exactly one upgrade", "[manifest]") {
    const Manifest none = read_manifest("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n", "m");
    CHECK_THROWS_WITH(only_upgrade(none, "m"), "m: holds no OMSUpgrade, only Secrets");
    std::string other = kSmallest;
    other.replace(other.find("to-431"), 6, "to-432");
    const Manifest two = read_manifest(kSmallest + "---\n" + other, "m");
    CHECK_THROWS_WITH(only_upgrade(two, "m"),
                      "m: holds several of OMSUpgrade, and only one can run: to-431 to-432");
    CHECK(complaint(kSmallest + "---\n" + kSmallest).find("metadata.name: stands here twice") !=
          std::string::npos);
}

TEST_CASE("a name can never lead out of a folder", "[manifest]") {
    for (const char* name : {"..", "../x", "/etc", "a/b", ".", "-a", "a b", "A"}) {
        INFO(name);
        CHECK_FALSE(validate(Key{"default", name}).empty());
        CHECK_FALSE(validate(Key{name, "to-431"}).empty());
    }
    CHECK(validate(Key{"oms-system", "to-4.3.1"}).empty());
}

TEST_CASE("text comes back from YAML as it was, whatever it looks like", "[manifest]") {
    for (const char* text : {"",           " ",      "yes",   "No",
                             "null",       "~",      "1",     "4.3",
                             "4.3.1",      "1e3",    "0x1F",  "true",
                             "- a",        "a: b",   "a:",    "#",
                             "a #b",       "'",      "\"",    "\\",
                             "a\nb\n",     "\t",     "*a",    "&a",
                             "!a",         "%a",     "@a",    "`a",
                             "{",          "[",      "]",     ",",
                             "?",          "|",      ">",     "-",
                             "---",        "...",    "=",     "<<",
                             "2025-11-23", "\x7F",   "\x01",  "\u00e9\u4e2d",
                             "\u2028",     "\u0085", "\uFEFF"}) {
        OmsUpgrade upgrade = smallest();
        upgrade.annotations = {{"text", text}, {text, "text"}};
        upgrade.status.follow_up = {text};
        INFO(to_yaml(upgrade));
        CHECK(read_stored(to_yaml(upgrade), "state") == upgrade);
    }
}

TEST_CASE("a stored resource that is not one says so", "[manifest]") {
    CHECK_THROWS_AS(read_stored("", "state"), BadManifest);
    CHECK_THROWS_AS(read_stored("a: {", "state"), BadManifest);
    CHECK_THROWS_AS(read_stored("a: 1\na: 2\n", "state"), BadManifest);
    CHECK_FALSE(read_stored("a: 1", "state").problems.empty());
}

}  // namespace
}  // namespace oms::api
