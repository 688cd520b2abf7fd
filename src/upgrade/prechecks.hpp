#pragma once

#include "upgrade/survey.hpp"

#include <vector>

namespace oms::upgrade {

/// Every precheck, over what the survey found: all findings at once, each with its remedy, and with
/// `waived` set where the spec names it. Pure.
std::vector<api::Finding> examine(const Target&, const Survey&);

/// What of it is about tasks that have not proceeded far enough, alone.
std::vector<api::Finding> examine_tasks(const Target&, TaskSurvey);

}  // namespace oms::upgrade
