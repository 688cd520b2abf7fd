#pragma once

#include "base/permit.hpp"
#include "metadb/meta_db.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace oms::metadb {

/// The folder of one upgrade's backup on the operator's own disk.
class Backups {
public:
    virtual ~Backups() = default;

    virtual std::filesystem::path folder() const = 0;
    virtual std::uint64_t free_bytes() const = 0;

    /// The dump of a database if it is complete: manifest there and well-formed, file there, of its
    /// size and, with `read_back`, of its SHA-256. Empty when there is none; Terminal with what is
    /// wrong when there is one that is damaged.
    virtual std::optional<DumpManifest> find(const std::string& database, bool read_back) const = 0;

    /// A small file kept beside the dumps (config.yaml).
    virtual std::optional<std::string> read(const std::string& name) const = 0;
    virtual void keep(const std::string& name, const std::string& content) = 0;
};

/// The folder is made, private, when something is first kept or dumped in it; nothing is
/// kept without the permit.
std::unique_ptr<Backups> make_backups(std::filesystem::path folder, Permit = {});

}  // namespace oms::metadb
