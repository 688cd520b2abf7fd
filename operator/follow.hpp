#pragma once

#include "api/oms_upgrade.hpp"
#include "controller/directory_store.hpp"
#include "kube/client.hpp"
#include "signals.hpp"
#include "view.hpp"

namespace oms::app {

// `status --watch`: shows an upgrade that another process carries out, until its run has ended.
// They return the exit code that the run's end has for `upgrade`, and throw Stopped when asked to
// stop.

/// As the API server tells of it.
int follow(kube::Client&, const api::OmsUpgrade& as_found, View&, Signals&);

/// As its file in a state directory changes.
int follow(controller::DirectoryStore&, const api::OmsUpgrade& as_found, View&, Signals&);

}  // namespace oms::app
