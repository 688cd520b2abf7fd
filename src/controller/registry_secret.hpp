#pragma once

#include "api/secret_data.hpp"
#include "runtime/host.hpp"

#include <string>
#include <string_view>

namespace oms::controller {

/// "registry.example.com:5000" of an image reference; "docker.io" when it names none.
std::string registry_of(std::string_view image);

/// The login for an image's registry from a pull secret: of type kubernetes.io/dockerconfigjson
/// (key .dockerconfigjson), or with keys username and password. Throws Terminal, naming `name` and
/// never a value, when it holds no login for that registry.
runtime::RegistryLogin read_registry_login(const api::SecretData&,
                                           const std::string& name,
                                           std::string_view image);

}  // namespace oms::controller
