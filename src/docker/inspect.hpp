#pragma once

#include "runtime/host.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

// The daemon's JSON as our values. Pure.
namespace oms::docker {

/// From GET /containers/X/json. Throws Terminal when it is no such answer.
runtime::Container read_container(const nlohmann::json& inspect);

/// From GET /images/X/json.
runtime::Image read_image(const nlohmann::json& inspect);

/// From GET /info, with the API version in use.
runtime::HostInfo read_info(const nlohmann::json& info, std::string_view api_version);

/// A kernel's or an image's name for an architecture as images say it: x86_64 is amd64.
std::string architecture_of(std::string_view name);

}  // namespace oms::docker
