#pragma once

#include "metadb/meta_db.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace oms::metadb {

std::string to_json(const DumpManifest&);

/// Terminal, with `source` in its message, when it is not a manifest of ours.
DumpManifest manifest_from_json(std::string_view json, const std::string& source);

/// "oms_rm.manifest.json"
std::string manifest_name(std::string_view database);

/// The manifest that `folder` holds for a database. Empty when there is none; Terminal when it is
/// not well-formed or its dump is not there in its full size.
std::optional<DumpManifest> find_dump(const std::filesystem::path& folder,
                                      const std::string& database);

}  // namespace oms::metadb
