#pragma once

#include "metadb/session.hpp"

#include <string>
#include <vector>

namespace oms::metadb {

/// MetaDb::bound_to_name.
std::vector<std::string> find_bound_to_name(Session&, const std::string& database);

}  // namespace oms::metadb
