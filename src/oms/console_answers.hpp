#pragma once

#include "oms/task_gate.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the console's API answers about tasks. Numbers come as numbers or as strings (oms-facts
/// 1.3). Each throws Terminal, with a piece of the answer, when it is not as documented or says
/// that the call failed.
namespace oms {

struct ProjectsPage {
    std::vector<GateTask> tasks;
    std::optional<std::int64_t> total;

    bool operator==(const ProjectsPage&) const = default;
};

/// ListProjects (from 4.1.1 on).
ProjectsPage read_projects(std::string_view body);

/// DescribeProjectSteps (from 4.1.1 on), in their order.
std::vector<TaskStep> read_steps(std::string_view body);

/// /api/omsp/v2/migrations/{id}/progress and /api/omsp/v2/sync/{id}/progress (3.3.0 to 4.0.0). What
/// they tell of a task besides its id and name. A synchronization has no reverse increment there.
GateTask read_progress(std::string_view body, std::string_view type);

}  // namespace oms
