#pragma once

#include "api/oms_upgrade.hpp"
#include "upgrade/tools.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace oms::upgrade {

/// What one of OMS's own scripts printed, as its journal inside OMS keeps it, without the passwords
/// of config.yaml.
struct ScriptLog {
    std::string script;     // "/root/docker_upgrade.sh"
    std::string container;  // where it was read, with the host when there are several nodes
    std::string state;      // "runs", "ended with 0", "was interrupted"
    std::string text;
};

/// The largest log that is read.
constexpr std::size_t kScriptLogBytesMax = std::size_t{16} << 20U;

/// Of every script that the resource's run has begun, in their order. They outlive a rollback: the
/// journal lies on a mount that the old container has too. Throws Terminal when the resource has no
/// run, or a log is larger than the limit; else what a host throws.
std::vector<ScriptLog> read_script_logs(const api::OmsUpgrade&, Outside&);

}  // namespace oms::upgrade
