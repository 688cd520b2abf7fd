#pragma once

#include "options.hpp"
#include "signals.hpp"

namespace oms::app {

/// Carries out every verb but `run` on the upgrades of a state directory. Returns the exit code.
int run_standalone(const Options&, Signals&);

}  // namespace oms::app
