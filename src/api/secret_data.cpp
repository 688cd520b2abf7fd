#include "api/secret_data.hpp"

#include "api/validate.hpp"
#include "base/base64.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <utility>

namespace oms::api {
namespace {

using Json = nlohmann::json;

std::optional<Json> find_text(const Json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_string()) return std::nullopt;
    return *found;
}

void read_metadata(const Json& secret, ReadSecret& into) {
    const auto metadata = secret.find("metadata");
    if (metadata == secret.end() || !metadata->is_object()) return;
    if (const auto name = find_text(*metadata, "name")) into.key.name = *name;
    if (const auto space = find_text(*metadata, "namespace")) into.key.space = *space;
}

/// Takes each text of an object of texts; what is not one is a problem, shown by its key alone.
template <class F>
void read_texts(const Json& secret, const char* field, std::vector<Problem>& problems, F&& take) {
    const auto texts = secret.find(field);
    if (texts == secret.end() || texts->is_null()) return;
    if (!texts->is_object()) {
        problems.push_back({field, "must be an object of texts"});
        return;
    }
    for (const auto& [key, value] : texts->items()) {
        const std::string path = std::string(field) + "." + key;
        if (value.is_string()) {
            take(key, value.template get<std::string>(), path);
        } else {
            problems.push_back({path, "must be text: put it in quotes"});
        }
    }
}

}  // namespace

ReadSecret read_secret(const Json& secret) {
    ReadSecret read{.key = {"default", ""}, .data = {}, .problems = {}};
    if (!secret.is_object()) {
        read.problems.push_back({"", "must be an object"});
        return read;
    }
    read_metadata(secret, read);
    read.problems = validate(read.key);
    auto& values = read.data.values;
    read_texts(secret, "data", read.problems, [&](const auto& key, auto text, const auto& path) {
        if (auto bytes = from_base64(text)) {
            values[key] = Secret(std::move(*bytes));
        } else {
            read.problems.push_back({path, "must be base64; plain text goes into stringData"});
        }
    });
    read_texts(secret, "stringData", read.problems, [&](const auto& key, auto text, const auto&) {
        values[key] = Secret(std::move(text));
    });
    return read;
}

}  // namespace oms::api
