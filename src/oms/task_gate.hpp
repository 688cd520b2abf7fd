#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Whether a task has come as far as it must before the cm database is separated (procedure, "make
/// sure that all data migration and synchronization tasks have proceeded to the expected step").
/// Pure. What the procedure does not say is Unknown, never Pass.
namespace oms {

/// One step of a task, in the words of OMS (oms-facts 2.2).
struct TaskStep {
    std::string name;    // "FULL_TRANSFER"
    std::string status;  // "MONITORING"
    std::optional<int> progress;

    bool operator==(const TaskStep&) const = default;
};

/// A task as OMS tells of it. What it does not tell is empty.
struct GateTask {
    std::string id;      // "np_4w3r..."
    std::string name;    // as its owner calls it
    std::string type;    // "MIGRATION", "SYNC"
    std::string status;  // "RUNNING"
    std::optional<bool> full;
    std::optional<bool> incremental;
    std::optional<bool> reverse;
    std::optional<std::string> current_step;
    std::vector<TaskStep> steps;
    bool is_sub_task = false;

    bool operator==(const GateTask&) const = default;
};

/// It may stay as it is.
struct GatePass {
    bool operator==(const GatePass&) const = default;
};
/// It must proceed first.
struct GateBlocked {
    std::string step;  // where it is: "INCR_TRANSFER (MONITORING)"
    std::string must;  // "enter REVERSE_INCR_TRANSFER"
    bool operator==(const GateBlocked&) const = default;
};
/// OMS, or the procedure, does not tell.
struct GateUnknown {
    std::string why;
    bool operator==(const GateUnknown&) const = default;
};
using GateAnswer = std::variant<GatePass, GateBlocked, GateUnknown>;

/// Do its status and what is enabled in it decide, wherever its steps are? Empty: its steps must be
/// known.
std::optional<GateAnswer> judge_without_steps(const GateTask&);

/// The procedure's table:
///   reverse increment off                 no requirement
///   full and/or incremental, reverse on   with incremental: the reverse increment is entered;
///                                         full alone: the full migration is complete
///   neither                               no requirement
/// Tasks that are released or deleted do not count.
GateAnswer judge_task(const GateTask&);

/// "the migration task np_1 (orders)".
std::string title_of(const GateTask&);

}  // namespace oms
