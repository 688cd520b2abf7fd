#pragma once

#include "metadb/meta_db.hpp"

namespace oms::metadb {

/// MetaDb::restore. Every dump is read back and checked against its SHA-256 before the first
/// database is dropped. Any statement that fails ends it with that statement's table and error.
void restore_databases(const Access&,
                       const std::vector<DumpManifest>& dumps,
                       const std::filesystem::path& folder,
                       const ReportProgress&,
                       std::stop_token);

}  // namespace oms::metadb
