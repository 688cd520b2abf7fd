#pragma once

#include "metadb/meta_db.hpp"
#include "metadb/session.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The looks and touches on OMS's own tables, as MetaDb promises them.
namespace oms::metadb {

bool has_table(Session&, std::string_view database, std::string_view table);

std::optional<std::string> read_ha_config(Session&, const std::string& rm_database);
bool swap_ha_config(Session&,
                    const std::string& rm_database,
                    const std::string& expected,
                    const std::string& wanted);
std::optional<std::string> read_oms_version(Session&, const std::string& rm_database);
void record_oms_version(Session&, const std::string& rm_database, const std::string& version);
std::vector<HostRow> read_hosts(Session&, const std::string& cm_database);
std::vector<Beat> read_supervisor_beats(Session&, const std::string& heartbeat_database);

/// Where OMS keeps its projects since 4.0.1 is documented nowhere (oms-facts 2.1), but the names of
/// their steps are (2.2). So each table of the rm database that has a step, a status and a name for
/// something is asked who stands at a Full-Import.
std::vector<std::string> read_full_import_projects(Session&, const std::string& rm_database);

HeartbeatTables look_at_heartbeat(Session&, const std::string& heartbeat_database);
void run_heartbeat(Session&, const std::string& heartbeat_database, HeartbeatStatement);

}  // namespace oms::metadb
