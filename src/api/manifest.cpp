#include "api/manifest.hpp"

#include "api/json.hpp"
#include "api/json_reader.hpp"
#include "api/resource_json.hpp"
#include "api/yaml_read.hpp"

#include <utility>

namespace oms::api {
namespace {

using Json = nlohmann::json;

std::string text_at(const Json& object, const char* name) {
    if (!object.is_object()) return {};
    const auto found = object.find(name);
    return found == object.end() || !found->is_string() ? "" : found->get<std::string>();
}

/// Collects a manifest document by document.
class ManifestReader {
public:
    void add(const YamlDocument& document) {
        note(document, document.problems);
        const Json& value = document.value;
        const std::string kind = text_at(value, "kind");
        if (kind == kKind) {
            add_upgrade(document);
        } else if (kind == "Secret" && text_at(value, "apiVersion") == "v1") {
            add_secret(document);
        } else if (!value.is_object()) {
            note(document, {{"", "must be a manifest, but is " + describe(value)}});
        } else {
            note(document, {{"kind", unknown_kind(value)}});
        }
    }

    Manifest finish(std::string_view source) {
        if (!problems_.empty()) throw BadManifest(source, std::move(problems_));
        return std::move(manifest_);
    }

private:
    void add_upgrade(const YamlDocument& document) {
        OmsUpgrade upgrade = from_manifest(document.value);
        note(document, std::exchange(upgrade.problems, {}));
        for (const OmsUpgrade& other : manifest_.upgrades)
            if (other.key == upgrade.key) note(document, {{"metadata.name", "stands here twice"}});
        manifest_.upgrades.push_back(std::move(upgrade));
    }

    void add_secret(const YamlDocument& document) {
        ReadSecret secret = read_secret(document.value);
        note(document, std::move(secret.problems));
        if (!manifest_.secrets.emplace(secret.key, std::move(secret.data)).second)
            note(document, {{"metadata.name", "stands here twice"}});
    }

    void note(const YamlDocument& document, std::vector<Problem> problems) {
        for (Problem& problem : problems) {
            if (problem.line == 0) problem.line = document.line_of(problem.path);
            problems_.push_back(std::move(problem));
        }
    }

    static std::string unknown_kind(const Json& value) {
        const std::string wanted =
            "must be " + std::string(kKind) + " (" + api_version() + ") or Secret (v1), but is ";
        const auto kind = value.find("kind");
        if (kind == value.end() || kind->is_null()) return wanted + "not said";
        return wanted + describe(*kind) + " (" + text_at(value, "apiVersion") + ")";
    }

    Manifest manifest_;
    std::vector<Problem> problems_;
};

}  // namespace

Manifest read_manifest(std::string_view text, std::string_view source) {
    const auto documents = read_yaml(text, source);
    if (documents.empty()) throw BadManifest(source, {{"", "is empty"}});
    ManifestReader reader;
    for (const YamlDocument& document : documents) reader.add(document);
    return reader.finish(source);
}

const OmsUpgrade& only_upgrade(const Manifest& manifest, std::string_view source) {
    const auto& upgrades = manifest.upgrades;
    if (upgrades.size() == 1) return upgrades.front();
    if (upgrades.empty())
        throw BadManifest(source, {{"", "holds no " + std::string(kKind) + ", only Secrets"}});
    std::string names;
    for (const OmsUpgrade& upgrade : upgrades) names += " " + upgrade.key.name;
    throw BadManifest(
        source,
        {{"", "holds several of " + std::string(kKind) + ", and only one can run:" + names}});
}

OmsUpgrade read_stored(std::string_view text, std::string_view source) {
    const auto documents = read_yaml(text, source);
    if (documents.size() != 1 || !documents.front().problems.empty()) {
        throw BadManifest(source,
                          {{"", "is not what this operator wrote there: not one document"}});
    }
    return from_stored(documents.front().value);
}

}  // namespace oms::api
