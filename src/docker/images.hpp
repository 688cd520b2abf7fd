#pragma once

#include "base/progress.hpp"
#include "docker/engine_api.hpp"
#include "runtime/host.hpp"

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace oms::docker {

/// See runtime::Host::load_image.
void load_image(const EngineApi&,
                const std::filesystem::path& archive,
                const ReportProgress&,
                std::stop_token);

/// See runtime::Host::pull_image.
void pull_image(const EngineApi&,
                std::string_view reference,
                const std::optional<runtime::RegistryLogin>&,
                const ReportProgress&,
                std::stop_token);

/// See runtime::Host::image_holds.
std::optional<bool> image_holds(const EngineApi&,
                                std::string_view reference,
                                std::string_view path);

/// What POST /images/create is asked for. A reference without a tag means "latest", as on the
/// command line; the API would fetch every tag there is. Pure.
std::string pull_target(std::string_view reference);

/// The X-Registry-Auth header: JSON in URL-safe base64. Pure.
Secret registry_auth(const runtime::RegistryLogin&);

}  // namespace oms::docker
