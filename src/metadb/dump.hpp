#pragma once

#include "metadb/meta_db.hpp"
#include "metadb/schema.hpp"

namespace oms::metadb {

/// MetaDb::dump.
void dump_databases(const Access&,
                    const std::vector<std::string>& databases,
                    const std::filesystem::path& folder,
                    const DumpOptions&,
                    const ReportProgress&,
                    std::stop_token);

/// Digest of a definition, as manifests hold it: of the SHOW CREATE text as it is, the
/// AUTO_INCREMENT mark included.
std::string digest_of(const Table&);

/// The same of a view, routine or event, with its sql_mode and collation; empty for a trigger,
/// which is left out.
std::string digest_of(const Other&);

}  // namespace oms::metadb
