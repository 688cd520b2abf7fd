#pragma once

#include "docker/engine_api.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace oms::docker {

/// See runtime::Host::read_host_file.
std::optional<std::string> read_host_file(const EngineApi&,
                                          std::string_view image,
                                          std::string_view path,
                                          std::size_t bytes_max);

}  // namespace oms::docker
