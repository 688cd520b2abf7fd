#pragma once

#include "api/status.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Tasks of an OMS below 4.0.1, whose names must be unique before its schemas are restructured
/// (procedure, "Prerequisites").
namespace oms {

using api::RenamedTask;
using api::TaskKind;

/// The table of the rm database that holds the tasks of a kind: oms_project, oms_sync_project.
std::string_view task_table(TaskKind);

/// More renames than status can hold; so many are a person's work.
inline constexpr std::size_t kRenamesMax = 500;

struct Task {
    std::string id;
    std::string name;

    bool operator==(const Task&) const = default;
};

/// A task that is not deleted, as the documented columns tell of it.
struct LiveTask {
    TaskKind kind = TaskKind::Migration;
    std::string id;
    std::string name;
    std::string status;

    bool operator==(const LiveTask&) const = default;
};

/// Live tasks of one kind that MetaDB takes to have one name: its collation decides, so the names
/// may differ in case or in blanks at the end.
struct SharedName {
    TaskKind kind = TaskKind::Migration;
    std::size_t length_max = 0;  // of the column, in characters
    std::vector<Task> tasks;     // by id; two at least

    bool operator==(const SharedName&) const = default;
};

/// New names for all but the first task of each: the old one and the task's id, which no other task
/// has, cut to the length of the column.
std::vector<RenamedTask> unique_names(const std::vector<SharedName>&);

/// "migration tasks 3, 7 and 9 are all called 'orders'".
std::string describe(const SharedName&);

}  // namespace oms
