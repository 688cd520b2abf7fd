#include "api/json.hpp"
#include "api/json_reader.hpp"
#include "api/json_writer.hpp"
#include "api/resource_json.hpp"
#include "base/sha256.hpp"

namespace oms::api {

nlohmann::json to_json(const Spec& spec) {
    return JsonWriter(Defaults::Written).write(spec);
}

Spec read_spec(JsonReader& reader, const nlohmann::json& from) {
    return reader.read<Spec>(from, "spec");
}

std::string spec_hash(const Spec& spec) {
    Spec pinned = spec;
    pinned.approval = {};
    pinned.paused = {};
    pinned.maintenance_window = {};
    pinned.rollback = {};
    // nlohmann::json keeps keys in their order, so the text is the same every time.
    return sha256_hex(JsonWriter(Defaults::Omitted).write(pinned).dump()).substr(0, 16);
}

}  // namespace oms::api
