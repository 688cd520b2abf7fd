#include "oms/tasks.hpp"

#include "base/utf8.hpp"

#include <algorithm>

namespace oms {

std::string_view task_table(TaskKind kind) {
    return kind == TaskKind::Migration ? "oms_project" : "oms_sync_project";
}

std::vector<RenamedTask> unique_names(const std::vector<SharedName>& shared) {
    std::vector<RenamedTask> renamed;
    for (const auto& one : shared) {
        for (std::size_t i = 1; i < one.tasks.size(); ++i) {
            const Task& task = one.tasks[i];
            const std::string suffix = "_" + task.id;
            const std::size_t room = one.length_max - std::min(one.length_max, suffix.size());
            renamed.push_back({.kind = one.kind,
                               .id = task.id,
                               .from = task.name,
                               .to = first_characters(task.name, room) + suffix});
        }
    }
    return renamed;
}

std::string describe(const SharedName& shared) {
    std::string text =
        shared.kind == TaskKind::Migration ? "the migration tasks " : "the synchronization tasks ";
    for (std::size_t i = 0; i < shared.tasks.size(); ++i) {
        if (i > 0) text += i + 1 == shared.tasks.size() ? " and " : ", ";
        text += shared.tasks[i].id;
    }
    return text + " are all called '" + shared.tasks.front().name + "'";
}

}  // namespace oms
