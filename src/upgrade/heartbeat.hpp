#pragma once

#include "metadb/meta_db.hpp"
#include "upgrade/verdict.hpp"

#include <optional>
#include <string>
#include <variant>

namespace oms::upgrade {

/// Which of the procedure's five statements comes next, judged from the tables alone: they are not
/// atomic together, and we, or a person before us, may have been interrupted between any two.
/// Nothing: heatbeat_sequence holds its newest id only. A text: no statement can help, and why.
using NextStatement = std::variant<std::monostate, metadb::HeartbeatStatement, std::string>;

NextStatement next_statement(const metadb::HeartbeatTables&);

}  // namespace oms::upgrade
