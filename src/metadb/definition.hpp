#pragma once

#include "metadb/schema.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What can be said about definitions without asking a server.
namespace oms::metadb {

/// How a column of this type is dumped; empty for a type that we do not know to bring back exactly.
std::optional<Column> plan_column(std::string_view name,
                                  std::string_view data_type,
                                  std::string_view character_set,
                                  bool oceanbase);

/// The members in `enum('a','it's')` as OceanBase prints it, its quotes not escaped.
std::vector<std::string> split_unescaped_members(std::string_view column_type);

/// `definition` (SHOW CREATE TABLE) with the members of one ENUM or SET column escaped. Empty when
/// the column is not found in it.
std::optional<std::string> mend_members(const std::string& definition,
                                        std::string_view column,
                                        std::string_view column_type,
                                        const std::vector<std::string>& members);

/// The views ordered so that each comes after those that it reads.
std::vector<Other> order_views(std::vector<Other> views, const std::string& database);

}  // namespace oms::metadb
