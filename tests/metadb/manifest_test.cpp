#include "metadb/manifest.hpp"

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/sha256.hpp"
#include "catch.hpp"
#include "metadb/backups.hpp"

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace oms::metadb {
namespace {

struct TemporaryFolder {
    std::filesystem::path path = std::filesystem::temp_directory_path() /
                                 ("oms-operator-metadb-test." + std::to_string(::getpid()));

    TemporaryFolder() { make_private_folder(path); }
    ~TemporaryFolder() { std::filesystem::remove_all(path); }
};

const DumpManifest kManifest{
    .database = "oms_rm",
    .file = "oms_rm.sql.zst",
    .bytes = 4,
    .sha256 = sha256_hex("dump"),
    .server = "5.7.25-OceanBase \"x\" 你",
    .character_set = "utf8mb4",
    .collation = "utf8mb4_general_ci",
    .tables = {{.name = "t`1", .rows = 18446744073709551615U, .digest = "ab", .definition = "cd"},
               {.name = "empty", .rows = 0, .digest = "00", .definition = "ef"}},
    .others = {"view v", "trigger t (left out)"},
    .other_definitions = {"12", ""}};

TEST_CASE("a manifest survives the way to its file and back", "[metadb]") {
    CHECK(manifest_from_json(to_json(kManifest), "here") == kManifest);
}

TEST_CASE("what is not a manifest is refused by its name", "[metadb]") {
    const std::string json = to_json(kManifest);
    for (const std::string& bad :
         {std::string(),
          std::string("{}"),
          std::string("[]"),
          json.substr(0, json.size() / 2),
          std::string(json).replace(json.find("oms_rm.sql"), 10, "../etc/pas"),
          std::string(json).replace(json.find("\"format\": 1"), 11, "\"format\": 2"),
          std::string(json).replace(json.find("\"bytes\": 4"), 10, "\"bytes\": {")})
        CHECK_THROWS_AS(manifest_from_json(bad, "here"), Terminal);
}

TEST_CASE("a dump counts when its manifest is there and every byte of it", "[metadb]") {
    const TemporaryFolder folder;
    const auto backups = make_backups(folder.path);
    CHECK(backups->free_bytes() > 0);
    CHECK_FALSE(backups->find("oms_rm", true).has_value());

    backups->keep("oms_rm.sql.zst", "dump");
    CHECK_FALSE(backups->find("oms_rm", true).has_value());
    backups->keep("oms_rm.manifest.json", to_json(kManifest));
    CHECK(backups->find("oms_rm", true) == kManifest);

    backups->keep("oms_rm.sql.zst", "dumq");
    CHECK(backups->find("oms_rm", false) == kManifest);
    CHECK_THROWS_AS(backups->find("oms_rm", true), Terminal);
    backups->keep("oms_rm.sql.zst", "dum");
    CHECK_THROWS_AS(backups->find("oms_rm", false), Terminal);
    std::filesystem::remove(folder.path / "oms_rm.sql.zst");
    CHECK_THROWS_AS(backups->find("oms_rm", false), Terminal);
    backups->keep("oms_cm.manifest.json", to_json(kManifest));
    CHECK_THROWS_AS(backups->find("oms_cm", false), Terminal);
}

TEST_CASE("what is kept beside the dumps is read back, and stays in its folder", "[metadb]") {
    const TemporaryFolder folder;
    const auto backups = make_backups(folder.path / "later");
    CHECK_FALSE(backups->read("config.yaml").has_value());
    CHECK(backups->free_bytes() > 0);
    backups->keep("config.yaml", "a: 1\n");
    CHECK(backups->read("config.yaml") == "a: 1\n");
    for (const char* name : {"../config.yaml", "", "..", "a/b"}) {
        CHECK_THROWS_AS(backups->keep(name, ""), Terminal);
        CHECK_THROWS_AS(backups->read(name), Terminal);
    }
}

}  // namespace
}  // namespace oms::metadb
