#pragma once

#include "metrics/families.hpp"

#include <filesystem>

namespace oms::metrics {

/// process_*, as every Prometheus client has them: what /proc tells of this process at this moment.
/// What it does not tell is left out.
Families process_families(const std::filesystem::path& proc = "/proc");

}  // namespace oms::metrics
