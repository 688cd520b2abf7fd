#include "api/json.hpp"
#include "api/json_reader.hpp"
#include "api/json_writer.hpp"
#include "api/resource_json.hpp"
#include "api/status_fields.hpp"

namespace oms::api {

nlohmann::json to_json(const Status& status) {
    return JsonWriter(Defaults::Omitted).write(status);
}

Status read_status(JsonReader& reader, const nlohmann::json& from) {
    return reader.read<Status>(from, "status");
}

}  // namespace oms::api
