#pragma once

#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

namespace oms::docker {

/// What a real Docker 20.10.24 said of containers made for this purpose.
inline nlohmann::json recorded(const std::string& name) {
    std::ifstream file(OMS_SOURCE_DIR "/tests/docker/recorded/" + name + ".json");
    return nlohmann::json::parse(file);
}

}  // namespace oms::docker
