#pragma once

#include "api/status.hpp"

namespace oms::app {

// What the process says when it ends. A script, or a person's `&&`, goes by these.
inline constexpr int kSucceeded = 0;
inline constexpr int kFailed = 1;
inline constexpr int kRolledBack = 2;
inline constexpr int kRefused = 3;   // by a precheck: nothing was touched
inline constexpr int kUsage = 64;    // the command line or the manifest is wrong (sysexits.h)
inline constexpr int kWaits = 75;    // not ended: paused, or waiting for a person (EX_TEMPFAIL)
inline constexpr int kSignal = 128;  // plus the signal's number: interrupted; run it again

/// Of an upgrade as it stands: how its run has ended, kRefused when that stays though something
/// else was asked for since (phase OlderVersion), kWaits while it has not ended.
int exit_code_of(const api::Status&);

}  // namespace oms::app
