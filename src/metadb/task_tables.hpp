#pragma once

#include "metadb/session.hpp"
#include "oms/tasks.hpp"

#include <optional>
#include <string>
#include <vector>

/// The looks and touches on the tasks of an OMS below 4.0.1, as MetaDb promises them.
namespace oms::metadb {

std::vector<SharedName> read_shared_task_names(Session&, const std::string& rm_database);
std::optional<std::string> read_task_name(Session&,
                                          const std::string& rm_database,
                                          TaskKind,
                                          const std::string& id);
void rename_task(Session&,
                 const std::string& rm_database,
                 TaskKind,
                 const std::string& id,
                 const std::string& from,
                 const std::string& to);
std::vector<LiveTask> read_live_tasks(Session&, const std::string& rm_database, std::size_t most);
std::vector<std::string> read_black_region_jobs(Session&,
                                                const std::string& cm_database,
                                                const std::vector<int>& cm_locations);

}  // namespace oms::metadb
