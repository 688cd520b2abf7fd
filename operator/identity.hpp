#pragma once

#include <string>

namespace oms::app {

/// The pod's name, in a cluster.
std::string host_name();

/// Unique for each process, as two of one pod's lives must not take each other for themselves.
std::string identity();

}  // namespace oms::app
