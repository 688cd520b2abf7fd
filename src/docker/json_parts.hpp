#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace oms::docker {

/// What an object says of `key`, or null: absent and null are the daemon's two ways to say
/// "nothing", and what is no object says nothing either.
nlohmann::json part(const nlohmann::json& object, const char* key);

/// The same for text; "" where there is none.
std::string text(const nlohmann::json& object, const char* key);

}  // namespace oms::docker
