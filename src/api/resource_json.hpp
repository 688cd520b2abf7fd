#pragma once

// The parts of a resource, each read in a file of its own. Seen by this room only.

#include "api/oms_upgrade.hpp"

#include <nlohmann/json_fwd.hpp>

namespace oms::api {

class JsonReader;

Spec read_spec(JsonReader&, const nlohmann::json& from);
Status read_status(JsonReader&, const nlohmann::json& from);

/// "oms.oceanbase.com/v1alpha1"
std::string api_version();

}  // namespace oms::api
