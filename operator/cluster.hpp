#pragma once

#include "options.hpp"
#include "signals.hpp"

namespace oms::app {

/// `run`: watches OMSUpgrades and carries them out until it is asked to stop (0), or has lost its
/// lead or cannot go on (1).
int run_operator(const Options&, Signals&);

/// The other verbs, on OMSUpgrades of a cluster.
int run_in_cluster(const Options&, Signals&);

}  // namespace oms::app
