#pragma once

#include "metadb/meta_db.hpp"
#include "oms/config.hpp"
#include "runtime/host.hpp"
#include "runtime/image_archive.hpp"
#include "upgrade/https.hpp"
#include "upgrade/look_error.hpp"
#include "upgrade/separation_survey.hpp"
#include "upgrade/target.hpp"
#include "upgrade/task_survey.hpp"
#include "upgrade/tools.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace oms::upgrade {

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
    std::vector<runtime::Container> containers;   // every one there is, those two among them
    std::optional<runtime::Image> image;          // the new one, when it is there already
    std::optional<std::string> config;            // text of config.yaml
    std::optional<Config> settings;               // the same, when it can be read
    std::optional<std::string> config_error;      // why not
    std::optional<HostClock> clock;               // of the running container
    std::map<std::string, bool> writable;         // the three data paths, in the running container
    bool healthy = false;
    std::optional<std::string> trouble;  // what is wrong, where that can be told
    std::vector<HttpsPair> https;        // that the old OMS shows, and that the new one shall
};

/// What was found of one database.
struct DatabaseSurvey {
    std::string name;
    bool exists = false;
    std::vector<std::string> missing_rights;
    std::uint64_t bytes = 0;  // estimate of its dump
    bool empty = false;
    std::vector<std::string> missing_tables;  // of those that every OMS is known to have
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

    std::map<std::string, metadb::HeartbeatTables> heartbeats;  // by database

    /// Every database is there, is not known to lack anything, and may be read.
    bool is_readable() const;
};

/// Everything that the prechecks go by, looked at once.
struct Survey {
    std::vector<NodeSurvey> nodes;
    std::optional<MetaSurvey> meta;  // when the first node's config.yaml says where it is
    // Where the cm database is to be separated:
    std::optional<SeparationSurvey> separation;
    std::optional<TaskSurvey> tasks;
    std::optional<std::uint64_t> archive_bytes;
    std::optional<runtime::ImageArchive> archive;  // when it can be read
    std::optional<std::string> archive_error;      // why not
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
