#pragma once

#include "runtime/host.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace oms::docker {

/// A label on every container made by create(): the id of the container it succeeds.
inline constexpr const char* kSuccessorLabel = "oms.oceanbase.com/successor-of";

/// The body of POST /containers/create for `wanted` (procedure: "Start the container of OMS
/// V4.3.1"). What `docker inspect` shows of the old container is a mix of what a person said and
/// what its image says; only the person's part is carried over, so that the new image's own
/// entrypoint, path and labels come to their right. Pure.
///
/// `old` and `old_image` are the inspects of the old container and of its image; `host_name` is the
/// Docker host's, which is the name a container gets on the host's network by itself.
nlohmann::json successor_body(const nlohmann::json& old,
                              const nlohmann::json& old_image,
                              const runtime::Successor& wanted,
                              const std::string& host_name);

}  // namespace oms::docker
