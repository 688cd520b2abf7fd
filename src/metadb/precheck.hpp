#pragma once

#include "metadb/meta_db.hpp"
#include "metadb/session.hpp"

/// What is asked before an upgrade, on a session of Purpose::Look.
namespace oms::metadb {

ServerInfo read_info(Session&);
std::vector<std::string> missing_rights(Session&, const std::string& database);

/// Number of rows times the size of a few of them as a dump would write them.
std::uint64_t estimate_dump_bytes(Session&, const std::string& database);

}  // namespace oms::metadb
