#pragma once

#include "oms/config.hpp"
#include "oms/task_gate.hpp"
#include "upgrade/look_error.hpp"
#include "upgrade/target.hpp"
#include "upgrade/tools.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace oms::upgrade {

/// One task, and whether it has proceeded as far as it must.
struct JudgedTask {
    GateTask task;
    GateAnswer answer;
};

/// How far the tasks of the old OMS have proceeded.
struct TaskSurvey {
    std::optional<LookError> error;     // they could not be asked
    std::optional<std::string> remedy;  // of the error, where a person can do something about it
    std::vector<JudgedTask> tasks;      // all of them
};

/// From 4.1.1 on by the OpenAPI; from 3.3.0 to below 4.0.1 the tables name the tasks and the older
/// API tells how far each is; below 3.3.0 the tables name them, and nothing tells; from 4.0.1 to
/// below 4.1.1 nothing even lists them (oms-facts 1.3, 2).
///
/// A wrong password is asked with once: six lock the account.
TaskSurvey survey_tasks(const Target&,
                        const Tools&,
                        const Version& from,
                        const Console& console,
                        const std::string& rm_database);

}  // namespace oms::upgrade
