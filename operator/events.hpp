#pragma once

#include "api/oms_upgrade.hpp"
#include "kube/events.hpp"

#include <optional>

namespace oms::app {

/// What `kubectl describe` shows of a status that was written over `before`: only what moves a run
/// on, not every look.
std::optional<kube::Event> event_of(const api::OmsUpgrade&, const api::Status& before);

}  // namespace oms::app
