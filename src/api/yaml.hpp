#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace oms::api {

/// One document of YAML 1.2 (core schema) or JSON, such as a kubeconfig, as JSON; null when there
/// is none. Bounded as a manifest is. Throws Terminal: too big, not YAML, several documents, keys
/// that stand twice.
nlohmann::json yaml_to_json(std::string_view text);

}  // namespace oms::api
