// Goal: crds/omsupgrades.yaml and the C++ types cannot drift apart, in either direction.
// Method: walk both at once, type by type, over the lists that reading and writing use; a list that
// lacks a member of its struct does not compile here.

#include "api/json_writer.hpp"
#include "api/status_fields.hpp"
#include "api/validate.hpp"
#include "api/yaml_read.hpp"
#include "base/files.hpp"
#include "catch.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace oms::api {
namespace {

using Json = nlohmann::json;

/// Becomes whatever a member of an aggregate is initialised with.
struct Anything {
    // An optional of a number takes an Anything by a constructor of its own.
    template <class T>
    static constexpr bool kConverts = [] {
        if constexpr (kIsOptional<T>) {
            return !std::is_constructible_v<typename T::value_type, Anything>;
        } else {
            return true;
        }
    }();

    template <class T>
    requires(kConverts<T>) operator T()
        const;  // NOLINT(google-explicit-constructor): that is what it is for
};

template <class T, std::size_t... I>
constexpr bool takes(std::index_sequence<I...>) {
    return requires {
        T{(static_cast<void>(I), Anything{})...};
    };
}

/// How many members an aggregate has.
template <class T, std::size_t N = 32>
constexpr std::size_t members() {
    if constexpr (N == 0 || takes<T>(std::make_index_sequence<N>{})) {
        return N;
    } else {
        return members<T, N - 1>();
    }
}

struct Three {
    std::optional<std::int32_t> one;
    std::vector<std::string> two;
    bool three = false;
};
static_assert(members<Three>() == 3);
static_assert(members<Deadline>() == 2);

const Json& crd() {
    static const Json value = [] {
        const auto text = read_whole(OMS_SOURCE_DIR "/crds/omsupgrades.yaml");
        REQUIRE(text.has_value());
        auto documents = read_yaml(*text, "crds/omsupgrades.yaml");
        REQUIRE(documents.size() == 1);
        REQUIRE(documents.front().problems.empty());
        return std::move(documents.front().value);
    }();
    return value;
}

const Json& schema_of(const char* part) {
    return crd().at("/spec/versions/0/schema/openAPIV3Schema/properties"_json_pointer).at(part);
}

std::set<std::string> texts(const Json& list) {
    return list.is_null() ? std::set<std::string>{} : list.get<std::set<std::string>>();
}

/// What the API server wants of every field, and a reader of `kubectl explain`.
void check_is_described_and_bounded(const Json& schema, const std::string& path) {
    INFO(path);
    CHECK(!schema.value("description", "").empty());
    const std::string type = schema.value("type", "");
    if (type == "string" && schema.value("format", "") != "date-time")
        CHECK((schema.contains("maxLength") || schema.contains("enum")));
    if (type == "array") {
        CHECK(schema.contains("maxItems"));
        CHECK(schema.contains("x-kubernetes-list-type"));
    }
    if (type == "integer") CHECK(schema.contains("minimum"));
}

template <class T>
void check_value(const Json& schema, const std::string& path);

/// The default of the schema is that of the struct, and is said wherever that is not "nothing".
template <class M>
void check_default(const Json& schema, const M& plain, const std::string& path) {
    INFO(path);
    constexpr bool kNothing = kIsOptional<M> || kIsVector<M> || std::is_same_v<M, MetaDbSpec>;
    if constexpr (kNothing) {
        CHECK_FALSE(schema.contains("default"));
    } else if constexpr (Described<M>) {
        // The server fills in the rest from the fields' own defaults.
        const Json whole = JsonWriter(Defaults::Written).write(plain);
        REQUIRE(schema.contains("default"));
        for (const auto& [name, value] : schema.at("default").items())
            CHECK(whole.at(name) == value);
    } else {
        REQUIRE(schema.contains("default"));
        CHECK(schema.at("default") == JsonWriter(Defaults::Written).write(plain));
    }
}

enum class Side { Spec, Status };

template <class T>
constexpr Side side_of() {
    constexpr bool kOfSpec = std::is_same_v<T, Spec> || std::is_same_v<T, NodeSpec> ||
                             std::is_same_v<T, DockerSpec> || std::is_same_v<T, BackupSpec> ||
                             std::is_same_v<T, HaSpec> || std::is_same_v<T, PrechecksSpec> ||
                             std::is_same_v<T, RollbackSpec>;
    return kOfSpec ? Side::Spec : Side::Status;
}

template <class T, class M>
void check_field(const Field<T, M>& field, const Json& schema, const std::string& path) {
    const Json* owner = &schema;
    if (!field.inside.empty()) {
        const std::string wrapper(field.inside);
        REQUIRE(schema.at("properties").contains(wrapper));
        owner = &schema.at("properties").at(wrapper);
        CHECK(owner->at("properties").size() == 1);
    }
    const std::string name(field.name);
    const std::string deeper = path + "." + name;
    INFO(deeper);
    REQUIRE(owner->at("properties").contains(name));
    const Json& inner = owner->at("properties").at(name);
    CHECK(texts(owner->value("required", Json())).contains(name) == field.always);
    if (side_of<T>() == Side::Spec && !field.always)
        check_default(inner, T{}.*field.member, deeper);
    if (std::is_same_v<M, Spec>) {
        CHECK(inner.at("x-kubernetes-preserve-unknown-fields") == true);
    } else {
        check_value<M>(inner, deeper);
    }
}

template <Described T>
void check_fields(const Json& schema, const std::string& path) {
    static_assert(std::tuple_size_v<std::remove_cv_t<decltype(kFields<T>)>> == members<T>(),
                  "a member of this struct is in no list of fields.hpp");
    std::set<std::string> names;
    for_each_field<T>([&](const auto& field) {
        names.emplace(field.inside.empty() ? field.name : field.inside);
        check_field(field, schema, path);
    });
    for (const auto& [name, inner] : schema.at("properties").items()) {
        INFO(path << "." << name << " is in the schema");
        CHECK(names.contains(name));
        check_is_described_and_bounded(inner, path + "." + name);
    }
}

template <class T>
void check_scalar(const Json& schema) {
    if constexpr (HasNames<T>) {
        auto names = Json::array();
        for (const auto& known : kNames<T>) names.push_back(std::string(known.name));
        CHECK(schema.at("type") == "string");
        CHECK(schema.at("enum") == names);
    } else if constexpr (std::is_same_v<T, bool>) {
        CHECK(schema.at("type") == "boolean");
    } else if constexpr (std::is_integral_v<T>) {
        CHECK(schema.at("type") == "integer");
        CHECK(schema.at("format") == (sizeof(T) == 8 ? "int64" : "int32"));
    } else if constexpr (std::is_same_v<T, Time>) {
        CHECK(schema.at("type") == "string");
        CHECK(schema.at("format") == "date-time");
    } else {
        static_assert(std::is_same_v<T, std::string>);
        CHECK(schema.at("type") == "string");
        CHECK_FALSE(schema.contains("format"));
    }
}

template <class T>
void check_value(const Json& schema, const std::string& path) {
    INFO(path);
    if constexpr (kIsOptional<T>) {
        check_value<typename T::value_type>(schema, path);
    } else if constexpr (kIsVector<T>) {
        CHECK(schema.at("type") == "array");
        check_is_described_and_bounded(schema.at("items"), path + "[]");
        check_value<typename T::value_type>(schema.at("items"), path + "[]");
    } else if constexpr (Described<T>) {
        CHECK(schema.at("type") == "object");
        check_fields<T>(schema, path);
    } else {
        check_scalar<T>(schema);
    }
}

/// The first rule of a field of the spec, as "pattern".
std::string pattern_at(const char* pointer) {
    const Json& schema = schema_of("spec").at(Json::json_pointer(pointer));
    const auto rule = schema.at("/x-kubernetes-validations/0/rule"_json_pointer).get<std::string>();
    constexpr std::string_view kBegin = "self.matches('";
    REQUIRE(rule.starts_with(kBegin));
    REQUIRE(rule.ends_with("')"));
    return rule.substr(kBegin.size(), rule.size() - kBegin.size() - 2);
}

TEST_CASE("the schema of the spec and the C++ types say the same", "[crd]") {
    check_value<Spec>(schema_of("spec"), "spec");
}

TEST_CASE("the schema of the status and the C++ types say the same", "[crd]") {
    check_value<Status>(schema_of("status"), "status");
}

TEST_CASE("group, version and names are those the operator asks for", "[crd]") {
    const Json& spec = crd().at("spec");
    CHECK(spec.at("group") == std::string(kGroup));
    CHECK(spec.at("names").at("kind") == std::string(kKind));
    CHECK(spec.at("names").at("plural") == std::string(kPlural));
    CHECK(spec.at("/versions/0/name"_json_pointer) == std::string(kVersion));
    CHECK(crd().at("metadata").at("name") == std::string(kPlural) + "." + std::string(kGroup));
}

TEST_CASE("the patterns of the schema are those of validate()", "[crd]") {
    const std::string node = "/properties/nodes/items/properties";
    const std::vector<std::pair<std::string, std::string_view>> all{
        {"/properties/targetVersion", patterns::kVersion},
        {"/properties/sourceVersion", patterns::kVersion},
        {"/properties/oat/properties/version", patterns::kVersion},
        {"/properties/image/properties/reference", patterns::kReference},
        {"/properties/image/properties/id", patterns::kImageId},
        {"/properties/image/properties/pullSecretRef/properties/name", patterns::kSecretName},
        {node + "/docker/properties/endpoint", patterns::kEndpoint},
        {node + "/docker/properties/tlsSecretRef/properties/name", patterns::kSecretName},
        {node + "/container", patterns::kContainer},
        {node + "/newContainer", patterns::kContainer},
        {node + "/hostIP", patterns::kAddress},
        {node + "/region", patterns::kRegion},
        {"/properties/metaDB/properties/rm/properties/host", patterns::kHost},
        {"/properties/metaDB/properties/cm/properties/host", patterns::kHost},
        {"/properties/metaDB/properties/separateCM/properties/host", patterns::kHost},
        {"/properties/metaDB/properties/separateCM/properties/cmDatabase", patterns::kDatabase},
        {"/properties/prechecks/properties/waive/items", patterns::kFinding},
    };
    for (const auto& [pointer, pattern] : all) {
        INFO(pointer);
        CHECK(pattern_at(pointer.c_str()) == pattern);
    }
}

TEST_CASE("the limits of the schema are those of validate()", "[crd]") {
    const std::string node = "/properties/nodes/items/properties";
    const std::vector<std::pair<std::string, std::int64_t>> all{
        {"/properties/targetVersion/maxLength", limits::kVersionBytesMax},
        {"/properties/image/properties/reference/maxLength", limits::kReferenceBytesMax},
        {"/properties/image/properties/archive/maxLength", limits::kPathBytesMax},
        {"/properties/nodes/maxItems", limits::kNodesMax},
        {node + "/docker/properties/endpoint/maxLength", limits::kEndpointBytesMax},
        {node + "/container/maxLength", limits::kContainerBytesMax},
        {node + "/newContainer/maxLength", limits::kContainerBytesMax},
        {node + "/hostIP/maxLength", limits::kAddressBytesMax},
        {node + "/region/maxLength", limits::kRegionBytesMax},
        {"/properties/metaDB/properties/rm/properties/host/maxLength", limits::kHostBytesMax},
        {"/properties/metaDB/properties/separateCM/properties/cmDatabase/maxLength",
         limits::kDatabaseBytesMax},
        {"/properties/backup/properties/threads/maximum", limits::kThreadsMax},
        {"/properties/ha/properties/refetchStoreIntervalMinutes/maximum",
         limits::kRefetchMinutesMax},
        {"/properties/prechecks/properties/waive/maxItems", limits::kWaivedMax},
        {"/properties/prechecks/properties/waive/items/maxLength", limits::kFindingBytesMax},
        {"/properties/deadlines/items/properties/seconds/maximum", limits::kDeadlineSecondsMax},
    };
    for (const auto& [pointer, limit] : all) {
        INFO(pointer);
        CHECK(schema_of("spec").at(Json::json_pointer(pointer)) == limit);
    }
    const Json& phases =
        schema_of("spec").at("/properties/deadlines/items/properties/phase/enum"_json_pointer);
    CHECK(std::equal(phases.begin(), phases.end(), kPhases.begin(), kPhases.end()));
}

}  // namespace
}  // namespace oms::api
