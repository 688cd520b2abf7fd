#pragma once

#include "docker/engine_api.hpp"
#include "runtime/host.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace oms::docker {

/// A label on the short-lived containers that write files on a host.
inline constexpr const char* kHelperLabel = "oms.oceanbase.com/helper";

/// Where a path of a container is on its host.
struct HostPath {
    std::string folder;
    std::string name;

    bool operator==(const HostPath&) const = default;
};

/// By the container's mounts. Throws Terminal when no mount covers the path: its file is in the
/// container's own layer then, which goes away with it. Pure.
HostPath host_path_of(const runtime::Container& container, const std::string& path);

/// The body of POST /containers/create for the container that swaps a file on the host: the image
/// of `of` (the only one that is surely there) with a shell in place of its entrypoint, the file's
/// folder mounted, no network, no rights beyond. Pure.
nlohmann::json helper_body(const nlohmann::json& of,
                           const HostPath& file,
                           std::string_view copy_suffix);

/// See runtime::Host::replace_file. A file that is bind-mounted by itself cannot be replaced from
/// inside its container, nor by the daemon's archive call ("device or resource busy"); hence the
/// helper. A running container that mounts the file itself sees the new one after its next start.
void replace_file_on_host(const EngineApi&,
                          const nlohmann::json& inspect,
                          std::string_view path,
                          std::string_view content,
                          std::string_view copy_suffix);

}  // namespace oms::docker
