#pragma once

#include "metadb/meta_db.hpp"

namespace oms::metadb {

/// MetaDb::first_difference. What needs no reading of rows is compared first.
std::optional<std::string> find_first_difference(const Access&,
                                                 const DumpManifest&,
                                                 const ReportProgress&,
                                                 std::stop_token);

}  // namespace oms::metadb
