#pragma once

#include "docker/engine_api.hpp"
#include "runtime/host.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace oms::docker {

/// Runs a command in a container and waits for its end; see runtime::Host::ask. What does not end
/// in time goes on in the container (the daemon has no way to end it), and Transient is thrown.
std::optional<runtime::Output> run_command(const EngineApi&,
                                           const std::string& container_id,
                                           const std::vector<std::string>& command,
                                           std::chrono::milliseconds timeout);

/// Starts a command in a container and does not wait for it. Throws Transient when the container
/// does not run.
void launch_command(const EngineApi&,
                    const std::string& container_id,
                    const std::vector<std::string>& command);

}  // namespace oms::docker
