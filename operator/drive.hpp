#pragma once

#include "controller/directory_store.hpp"
#include "signals.hpp"
#include "view.hpp"

namespace oms::app {

/// Takes one upgrade of a state directory to its end, or to where it waits for a person, and says
/// so with an exit code. The state directory must be locked.
int drive(controller::DirectoryStore&, const api::Key&, View&, Signals&);

}  // namespace oms::app
