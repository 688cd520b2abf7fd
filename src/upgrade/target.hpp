#pragma once

#include "api/oms_upgrade.hpp"
#include "oms/version.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace oms::upgrade {

/// What one run asks for and what it has recorded so far: all that a phase knows besides the
/// world. A value, made anew from the resource for every step.
struct Target {
    std::string run_id;
    api::Spec spec;  // pinned when the run began, with approval and rollback as they are now
    std::size_t discovered_nodes = 0;  // the last ones of spec.nodes
    api::Before before;                // empty until Precheck has passed
    api::Times times;
    std::optional<api::Backup> backup;
    bool new_oms_was_started = false;
    std::optional<std::int64_t> last_duration;  // seconds; of the run before this one
    Version to;
    std::optional<Version> from;  // once Precheck has found it

    /// Was the node discovered? Then the manifest's spec.nodes does not have it.
    bool is_discovered(std::size_t node) const;

    /// Does the node's container go on running, its components upgraded inside of it (procedure,
    /// "do not stop the OMS V4.3.0 component container")?
    bool keeps_running(std::size_t node) const;

    /// Name of a node's container of the new version (procedure, "CONTAINER_NAME"). One that goes
    /// on running keeps its name.
    std::string new_container(std::size_t node) const;

    /// OMS_HOST_IP of a node: as asked for, else what the old container had.
    std::string host_ip(std::size_t node) const;

    /// Does config.yaml have to be rewritten for the new version (procedure, "Modify the
    /// config.yaml")?
    bool splits_config() const;

    /// Do its schemas have to be restructured by the .jar (procedure, "Background information")?
    bool migrates_schema() const;

    /// Nodes on which the .jar runs, in order, and nodes on which docker_upgrade.sh does.
    std::vector<std::size_t> schema_nodes() const;
    std::vector<std::size_t> metadata_nodes() const;

    /// How a message calls a node's container: with its host where there are several.
    std::string said(const std::string& container, std::size_t node) const;

    /// What a person types for `docker` to reach a node's daemon.
    std::string docker(std::size_t node) const;

    /// Every database that OMS keeps: rm, cm, then heartbeat databases.
    const std::string& rm_database() const { return before.databases.at(0); }
    const std::string& cm_database() const { return before.databases.at(1); }
    std::vector<std::string> heartbeat_databases() const;
};

/// Throws Terminal when the resource has no run or its target version is not one.
Target make_target(const api::OmsUpgrade&);

}  // namespace oms::upgrade
