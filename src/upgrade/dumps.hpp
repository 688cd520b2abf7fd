#pragma once

#include "metadb/meta_db.hpp"
#include "upgrade/target.hpp"
#include "upgrade/tools.hpp"
#include "upgrade/verdict.hpp"

#include <optional>
#include <string>
#include <vector>

namespace oms::upgrade {

/// The backup of one run, as it lies on the operator's disk.
struct Dumps {
    std::string folder;
    std::vector<metadb::DumpManifest> complete;
    std::vector<std::string> missing;    // databases, and names of config files
    std::optional<std::string> problem;  // one that is there and damaged
};

/// Name of a node's config.yaml in the backup folder.
std::string config_file_name(const Target&, std::size_t node);
std::string config_file_name(std::size_t node_count, std::size_t node);

Dumps look_at_dumps(const Target&, const Tools&);

/// The first container of this OMS, old or new, that runs on any node: "oms_430". On the way
/// forward those that are meant to go on running do not count: the procedure has the dump made
/// beside them. Nothing may write to a database that is put back, so on the way back they do.
std::optional<std::string> running_oms(const Target&, const Tools&, Goal);

/// What first tells MetaDB from the dumps; empty: nothing does.
std::optional<std::string> difference_from_dumps(const Target&, const Dumps&, const Tools&);

void keep_configs(const Target&, Tools&);
void dump_all(const Target&, Tools&);

/// Throws Terminal, before anything is dropped, when a dump is missing or damaged. Where cm was
/// separated the new OMS worked on copies: a cm or heartbeat database that still equals its dump is
/// left alone.
void restore_all(const Target&, Tools&);

api::Backup as_backup(const Dumps&);

}  // namespace oms::upgrade
