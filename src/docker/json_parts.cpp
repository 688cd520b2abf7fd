#include "docker/json_parts.hpp"

#include <nlohmann/json.hpp>

namespace oms::docker {

using nlohmann::json;

json part(const json& object, const char* key) {
    return object.is_object() && object.contains(key) ? object[key] : json();
}

std::string text(const json& object, const char* key) {
    if (!object.is_object()) return {};
    const auto found = object.find(key);
    return found == object.end() || !found->is_string() ? "" : found->get<std::string>();
}

}  // namespace oms::docker
