#include "api/resource_json.hpp"

#include "api/json.hpp"
#include "api/json_reader.hpp"
#include "api/validate.hpp"

#include <algorithm>
#include <charconv>

namespace oms::api {
namespace {

using Json = nlohmann::json;

// That a resource is being deleted is known, since when is not: the server keeps the time itself.
constexpr const char* kDeletedSometime = "1970-01-01T00:00:00Z";

const std::vector<std::string_view> kTopFields{"apiVersion", "kind", "metadata", "spec", "status"};

// What a server adds may be there too: a person may have saved what `kubectl get -o yaml` showed.
const std::vector<std::string_view> kMetadataFields{"name",
                                                    "namespace",
                                                    "labels",
                                                    "annotations",
                                                    "finalizers",
                                                    "uid",
                                                    "resourceVersion",
                                                    "generation",
                                                    "creationTimestamp",
                                                    "deletionTimestamp",
                                                    "deletionGracePeriodSeconds",
                                                    "generateName",
                                                    "managedFields",
                                                    "ownerReferences",
                                                    "selfLink"};

Json metadata_json(const OmsUpgrade& upgrade) {
    Json metadata{{"name", upgrade.key.name}};
    if (!upgrade.key.space.empty()) metadata["namespace"] = upgrade.key.space;
    if (!upgrade.uid.empty()) metadata["uid"] = upgrade.uid;
    if (!upgrade.resource_version.empty()) metadata["resourceVersion"] = upgrade.resource_version;
    if (upgrade.generation != 0) metadata["generation"] = upgrade.generation;
    if (upgrade.created != Time{}) {
        metadata["creationTimestamp"] =
            JsonWriter(Defaults::Written).write(upgrade.created, Form::Seconds);
    }
    if (upgrade.deleting) metadata["deletionTimestamp"] = kDeletedSometime;
    if (!upgrade.finalizers.empty()) metadata["finalizers"] = upgrade.finalizers;
    if (!upgrade.labels.empty()) metadata["labels"] = upgrade.labels;
    if (!upgrade.annotations.empty()) metadata["annotations"] = upgrade.annotations;
    return metadata;
}

/// The value of `name`, or null where there is none.
const Json& at(const Json& object, const char* name) {
    static const Json null;
    const auto found = object.find(name);
    return found == object.end() ? null : *found;
}

template <class T>
void read_if_said(JsonReader& reader, const Json& metadata, const char* name, T& into) {
    const Json& value = at(metadata, name);
    if (!value.is_null()) reader.read_into(value, std::string("metadata.") + name, into);
}

void read_map(JsonReader& reader,
              const Json& metadata,
              const char* name,
              std::map<std::string, std::string>& into) {
    const Json& map = at(metadata, name);
    const std::string path = std::string("metadata.") + name;
    if (map.is_null() || !reader.is_object(map, path)) return;
    for (const auto& [key, value] : map.items())
        into[key] = reader.read<std::string>(value, path + "." + key);
}

void read_what_people_write(JsonReader& reader, const Json& metadata, OmsUpgrade& into) {
    read_if_said(reader, metadata, "name", into.key.name);
    read_if_said(reader, metadata, "namespace", into.key.space);
    read_map(reader, metadata, "labels", into.labels);
    read_map(reader, metadata, "annotations", into.annotations);
}

void read_what_servers_write(JsonReader& reader, const Json& metadata, OmsUpgrade& into) {
    read_if_said(reader, metadata, "uid", into.uid);
    read_if_said(reader, metadata, "resourceVersion", into.resource_version);
    read_if_said(reader, metadata, "generation", into.generation);
    read_if_said(reader, metadata, "creationTimestamp", into.created);
    read_if_said(reader, metadata, "finalizers", into.finalizers);
    into.deleting = !at(metadata, "deletionTimestamp").is_null();
}

void check_kind(JsonReader& reader, const Json& resource) {
    const auto expect = [&](const char* name, const std::string& wanted) {
        const Json& said = at(resource, name);
        if (said.is_null()) return reader.add(name, "is required: " + wanted);
        if (said != wanted) reader.add(name, "must be " + wanted + ", but is " + describe(said));
    };
    expect("apiVersion", api_version());
    expect("kind", std::string(kKind));
}

/// True when one path is the other, or leads to it.
bool on_one_way(std::string_view left, std::string_view right) {
    if (left.size() > right.size()) std::swap(left, right);
    if (left.empty()) return true;
    if (!right.starts_with(left)) return false;
    return left.size() == right.size() || right[left.size()] == '.' || right[left.size()] == '[';
}

/// Adds to `known` what is not about a value that is already known to be bad: a version that could
/// not be read is not also an ill-formed one.
void add_news(std::vector<Problem>& known, std::vector<Problem> found) {
    const std::size_t count = known.size();
    for (Problem& problem : found) {
        const auto begin = known.begin();
        const bool news = std::none_of(
            begin, begin + static_cast<std::ptrdiff_t>(count), [&](const Problem& old) {
                return on_one_way(old.path, problem.path);
            });
        if (news) known.push_back(std::move(problem));
    }
}

}  // namespace

std::string api_version() {
    return std::string(kGroup) + "/" + std::string(kVersion);
}

Json to_json(const OmsUpgrade& upgrade) {
    Json resource{{"apiVersion", api_version()},
                  {"kind", kKind},
                  {"metadata", metadata_json(upgrade)},
                  {"spec", to_json(upgrade.spec)}};
    if (auto status = to_json(upgrade.status); !status.empty())
        resource["status"] = std::move(status);
    return resource;
}

OmsUpgrade from_stored(const Json& resource) {
    JsonReader reader(Unknown::Ignored);
    OmsUpgrade upgrade;
    if (reader.is_object(resource, "")) {
        const Json& metadata = at(resource, "metadata");
        if (reader.is_object(metadata, "metadata")) {
            read_what_people_write(reader, metadata, upgrade);
            read_what_servers_write(reader, metadata, upgrade);
        }
        upgrade.spec = read_spec(reader, at(resource, "spec"));
        const Json& status = at(resource, "status");
        if (!status.is_null()) upgrade.status = read_status(reader, status);
    }
    upgrade.problems = reader.take_problems();
    return upgrade;
}

OmsUpgrade from_manifest(const Json& resource) {
    JsonReader reader(Unknown::Refused);
    OmsUpgrade upgrade;
    upgrade.key.space = "default";
    if (reader.is_object(resource, "")) {
        check_kind(reader, resource);
        reader.refuse_unknown(resource, "", kTopFields);
        const Json& metadata = at(resource, "metadata");
        if (reader.is_object(metadata, "metadata")) {
            reader.refuse_unknown(metadata, "metadata", kMetadataFields);
            read_what_people_write(reader, metadata, upgrade);
        }
        const Json& spec = at(resource, "spec");
        if (spec.is_null()) {
            reader.add("spec", "is required");
        } else {
            upgrade.spec = read_spec(reader, spec);
        }
    }
    upgrade.problems = reader.take_problems();
    add_news(upgrade.problems, validate(upgrade.key));
    add_news(upgrade.problems, validate(upgrade.spec));
    return upgrade;
}

}  // namespace oms::api
