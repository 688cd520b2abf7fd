#pragma once

#include "http/transport.hpp"

#include <functional>
#include <memory>

namespace oms::http {

/// Told once of each request: the status of its answer, or 0 when there was no whole one. Not told
/// of those that were stopped. Called by whatever thread sent it; must not throw.
using OnAnswer = std::function<void(const Request&, int status)>;

/// The same transport, which tells. Of a streamed answer it tells when its first bytes come, which
/// may be hours before its end.
std::unique_ptr<Transport> watched(std::unique_ptr<Transport>, OnAnswer);

}  // namespace oms::http
