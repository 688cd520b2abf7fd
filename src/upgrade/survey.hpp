#pragma once

#include "metadb/meta_db.hpp"
#include "oms/config.hpp"
#include "runtime/host.hpp"
#include "upgrade/target.hpp"
#include "upgrade/tools.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace oms::upgrade {

/// A look that failed: what it was at, and whether it may go away by itself.
struct LookError {
    std::string what;
    bool transient = false;
};

/// A host's clock and zone, as its container sees them.
struct HostClock {
    std::chrono::seconds ahead{0};  // of ours
    std::string time_zone;          // "+08:00"
};

/// What was found on one node.
struct NodeSurvey {
    std::optional<LookError> error;  // the host could not be asked; nothing else is known then
    runtime::HostInfo host;
    std::optional<runtime::Container> container;  // the old one
    std::optional<runtime::Container> successor;  // whatever has the new one's name
    std::optional<runtime::Image> image;          // the new one, when it is there already
    std::optional<std::string> config;            // text of config.yaml
    std::optional<Config> settings;               // the same, when it can be read
    std::optional<std::string> config_error;      // why not
    std::optional<HostClock> clock;               // of the running container
    std::map<std::string, bool> writable;         // the three data paths, in the running container
    bool healthy = false;
    std::optional<std::string> trouble;  // what is wrong, where that can be told
};

/// What was found of one database.
struct DatabaseSurvey {
    std::string name;
    bool exists = false;
    std::vector<std::string> missing_rights;
    std::uint64_t bytes = 0;  // estimate of its dump
};

/// What was found of MetaDB.
struct MetaSurvey {
    std::optional<LookError> error;
    metadb::ServerInfo server;
    std::vector<DatabaseSurvey> databases;  // rm, cm, then each region's heartbeat
    std::vector<metadb::HostRow> hosts;     // that OMS knows
    std::optional<std::string> ha_config;
    std::optional<std::string> oms_version;
    std::vector<std::string> full_import_projects;
    // Looked for in sources below 4.0.1 only:
    std::vector<SharedName> shared_names;
    std::vector<std::string> black_region_jobs;

    /// Every database is there, and may be read.
    bool is_readable() const;
};

/// Everything that the prechecks go by, looked at once.
struct Survey {
    std::vector<NodeSurvey> nodes;
    std::optional<MetaSurvey> meta;  // when the first node's config.yaml says where it is
    std::optional<std::uint64_t> archive_bytes;
    std::optional<std::uint64_t> assistant_bytes;  // of the archive of the assistant image
    std::optional<LookError> backup_error;
    std::uint64_t backup_free_bytes = 0;
    std::string backup_folder;
};

/// Looks at everything, and goes on when something cannot be seen.
Survey survey(const Target&, const Tools&);

/// The version of the OMS that is there, from the first that says: spec, MetaDB, image tag.
std::optional<Version> source_version(const Target&, const Survey&);

/// What the survey says of the site, in status: `observed` and `before`.
void record_survey(const Target&, const Survey&, api::Status&);

}  // namespace oms::upgrade
