#pragma once

#include "base/log.hpp"

#include <filesystem>
#include <thread>

namespace oms::app {

/// `--log-level-file`: what is logged can be changed while the operator runs, as by an edited
/// ConfigMap. The file holds what --log-level takes; it is looked at every two seconds, since a
/// kubelet swaps a folder behind it. While it is missing, empty or wrong, `otherwise` holds (and
/// what is wrong is logged once). An empty path: nothing is followed.
std::jthread follow_levels(const std::filesystem::path& file, log::Levels otherwise);

}  // namespace oms::app
