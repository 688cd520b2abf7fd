#pragma once

#include "api/oms_upgrade.hpp"
#include "base/clock.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace oms::app {

enum class Mark { Done, Running, Open, Failed };

/// One line of the list of phases.
struct PhaseRow {
    std::string name;
    api::Goal goal = api::Goal::Applied;
    Mark mark = Mark::Open;
    std::optional<std::chrono::milliseconds> took{};
    std::string message{};  // of the running and of failed ones
};

/// The phases as they went and as they will go: first forward, then, if it turned back, backward.
std::vector<PhaseRow> phase_rows(const api::Status&, Time now);

/// Since OMS was stopped, until it was up again; empty before.
std::optional<std::chrono::milliseconds> downtime(const api::Status&, Time now);

/// "4.2 s", "3:07", "1:02:09".
std::string format_time(std::chrono::milliseconds);

/// "12.3 MiB".
std::string format_bytes(std::uint64_t);

/// Lines for the end: what came of it, backup, what a person still has to do.
std::vector<std::string> closing_lines(const api::OmsUpgrade&);

/// "ERROR VersionPath: message" and its remedy.
std::vector<std::string> finding_lines(const api::Finding&);

}  // namespace oms::app
