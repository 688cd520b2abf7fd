#include "metadb/manifest.hpp"

#include "base/error.hpp"
#include "base/files.hpp"

#include <nlohmann/json.hpp>

namespace oms::metadb {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;

// A hundred thousand tables; a manifest of OMS has some hundreds.
constexpr std::uint64_t kBytesMax = 64U << 20U;

// The name of a file beside the manifest, and never a way out of the folder.
bool is_plain_name(const std::string& name) {
    return !name.empty() && name.find('/') == std::string::npos && name != "." && name != "..";
}

DumpManifest read(const Json& json) {
    DumpManifest manifest;
    json.at("database").get_to(manifest.database);
    json.at("file").get_to(manifest.file);
    json.at("bytes").get_to(manifest.bytes);
    json.at("sha256").get_to(manifest.sha256);
    json.at("server").get_to(manifest.server);
    json.at("characterSet").get_to(manifest.character_set);
    json.at("collation").get_to(manifest.collation);
    for (const Json& table : json.at("tables")) {
        manifest.tables.push_back({.name = table.at("name"),
                                   .rows = table.at("rows"),
                                   .digest = table.at("digest"),
                                   .definition = table.at("definition")});
    }
    for (const Json& other : json.at("others")) {
        manifest.others.push_back(other.at("name"));
        manifest.other_definitions.push_back(other.at("definition"));
    }
    return manifest;
}

}  // namespace

std::string to_json(const DumpManifest& manifest) {
    Json tables = Json::array();
    for (const TableDigest& table : manifest.tables) {
        tables.push_back({{"name", table.name},
                          {"rows", table.rows},
                          {"digest", table.digest},
                          {"definition", table.definition}});
    }
    Json others = Json::array();
    for (std::size_t i = 0; i < manifest.others.size(); ++i) {
        others.push_back(
            {{"name", manifest.others[i]}, {"definition", manifest.other_definitions.at(i)}});
    }
    const Json json{{"format", kFormat},
                    {"database", manifest.database},
                    {"file", manifest.file},
                    {"bytes", manifest.bytes},
                    {"sha256", manifest.sha256},
                    {"server", manifest.server},
                    {"characterSet", manifest.character_set},
                    {"collation", manifest.collation},
                    {"tables", tables},
                    {"others", others}};
    return json.dump(2) + "\n";
}

DumpManifest manifest_from_json(std::string_view json, const std::string& source) {
    try {
        const Json parsed = Json::parse(json);
        if (parsed.at("format") != kFormat) {
            throw Terminal(source +
                           " was written by another version of this operator; finish its "
                           "upgrade with that one");
        }
        DumpManifest manifest = read(parsed);
        if (!is_plain_name(manifest.file)) throw Terminal(source + " names no file beside it");
        return manifest;
    } catch (const Json::exception& error) {
        throw Terminal(source + " is not the manifest of a dump: " + error.what() +
                       "; if a database is to be restored from it, do so by hand");
    }
}

std::string manifest_name(std::string_view database) {
    return std::string(database) + ".manifest.json";
}

std::optional<DumpManifest> find_dump(const std::filesystem::path& folder,
                                      const std::string& database) {
    const std::filesystem::path path = folder / manifest_name(database);
    const auto json = read_whole(path, kBytesMax);
    if (!json) return std::nullopt;
    DumpManifest manifest = manifest_from_json(*json, path.string());
    if (manifest.database != database) {
        throw Terminal(path.string() + " is the manifest of another database, " +
                       manifest.database);
    }
    std::error_code error;
    const std::uint64_t bytes = std::filesystem::file_size(folder / manifest.file, error);
    if (error) {
        throw Terminal("the dump " + (folder / manifest.file).string() +
                       " cannot be read: " + error.message() + "; its manifest is there");
    }
    if (bytes != manifest.bytes) {
        throw Terminal("the dump " + (folder / manifest.file).string() + " has " +
                       std::to_string(bytes) + " bytes, its manifest says " +
                       std::to_string(manifest.bytes));
    }
    return manifest;
}

}  // namespace oms::metadb
