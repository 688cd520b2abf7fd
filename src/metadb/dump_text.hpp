#pragma once

#include "metadb/schema.hpp"

#include <string>

/// The parts of a dump around its rows. Plain SQL for the stock clients `mysql` and `mariadb`, to
/// be loaded into an empty database of the same name; a line end within a statement only where it
/// has no meaning.
namespace oms::metadb {

/// What a session must be set to, the database's own defaults, and every CREATE TABLE.
std::string opening(const Schema&, const std::string& server, bool oceanbase);

/// Views, routines and events; then the session as it was.
std::string closing(const Schema&);

}  // namespace oms::metadb
