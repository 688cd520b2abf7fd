#pragma once

#include "api/fields.hpp"

namespace oms::api {

template <>
inline constexpr std::tuple kFields<Condition>{
    always("type", &Condition::type),
    always("status", &Condition::status),
    always("reason", &Condition::reason),
    always("message", &Condition::message, Form::Prose),
    always("lastTransitionTime", &Condition::last_transition_time, Form::Seconds),
    field("observedGeneration", &Condition::observed_generation),
};

template <>
inline constexpr std::tuple kFields<Cursor>{
    always("phase", &Cursor::phase),
    always("goal", &Cursor::goal),
    field("pushes", &Cursor::pushes),
    field("since", &Cursor::since),
    field("failure", &Cursor::failure, Form::Prose),
};

template <>
inline constexpr std::tuple kFields<Run>{
    always("id", &Run::id),
    always("specHash", &Run::spec_hash),
    always("generation", &Run::generation),
    field("startTime", &Run::start_time),
    field("finishTime", &Run::finish_time),
    field("outcome", &Run::outcome),
    field("retry", &Run::retry),
    field("heldBy", &Run::held_by),
    always("spec", &Run::spec),
    field("discoveredNodes", &Run::discovered_nodes),
    always("cursor", &Run::cursor),
};

template <>
inline constexpr std::tuple kFields<ObservedNode>{
    always("container", &ObservedNode::container),
    field("image", &ObservedNode::image),
    field("state", &ObservedNode::state, Form::Prose),
    field("version", &ObservedNode::version),
    field("hostIP", &ObservedNode::host_ip),
};

template <>
inline constexpr std::tuple kFields<Observed>{
    field("version", &Observed::version),
    field("metaDB", &Observed::meta_db, Form::Prose),
    field("databases", &Observed::databases),
    field("haEnabled", &Observed::ha_enabled),
    field("nodes", &Observed::nodes),
};

template <>
inline constexpr std::tuple kFields<Step>{
    always("name", &Step::name),
    always("goal", &Step::goal),
    always("state", &Step::state),
    field("startTime", &Step::start_time),
    field("finishTime", &Step::finish_time),
    field("attempts", &Step::attempts),
    field("message", &Step::message, Form::Prose),
};

template <>
inline constexpr std::tuple kFields<MountRecord>{
    always("source", &MountRecord::source),
    always("target", &MountRecord::target),
};

template <>
inline constexpr std::tuple kFields<BeforeNode>{
    always("container", &BeforeNode::container),
    field("containerID", &BeforeNode::container_id),
    field("image", &BeforeNode::image),
    field("imageID", &BeforeNode::image_id),
    field("restartPolicy", &BeforeNode::restart_policy),
    field("hostIP", &BeforeNode::host_ip),
    field("configSHA256", &BeforeNode::config_sha256),
    field("region", &BeforeNode::region),
    field("heartbeatDatabase", &BeforeNode::heartbeat_database),
    field("migratesSchema", &BeforeNode::migrates_schema),
    field("upgradesMetadata", &BeforeNode::upgrades_metadata),
    field("mounts", &BeforeNode::mounts),
    always("wasRunning", &BeforeNode::was_running),
};

template <>
inline constexpr std::tuple kFields<RenamedTask>{
    always("kind", &RenamedTask::kind),
    always("id", &RenamedTask::id),
    always("from", &RenamedTask::from),
    always("to", &RenamedTask::to),
};

template <>
inline constexpr std::tuple kFields<CarriedDatabase>{
    always("from", &CarriedDatabase::from),
    always("to", &CarriedDatabase::to),
    always("server", &CarriedDatabase::server),
    field("ours", &CarriedDatabase::ours),
};

template <>
inline constexpr std::tuple kFields<Before>{
    field("version", &Before::version),
    field("haConfig", &Before::ha_config),
    field("databases", &Before::databases),
    field("nodes", &Before::nodes),
    field("renamedTasks", &Before::renamed_tasks),
    field("carriedDatabases", &Before::carried_databases),
};

template <>
inline constexpr std::tuple kFields<Times>{
    field("t1", &Times::t1),
    field("t2", &Times::t2),
    field("t3", &Times::t3),
};

template <>
inline constexpr std::tuple kFields<BackupDatabase>{
    always("name", &BackupDatabase::name),
    always("file", &BackupDatabase::file),
    always("bytes", &BackupDatabase::bytes),
    always("sha256", &BackupDatabase::sha256),
    always("tables", &BackupDatabase::tables),
    always("rows", &BackupDatabase::rows),
};

template <>
inline constexpr std::tuple kFields<Backup>{
    always("path", &Backup::path),
    field("databases", &Backup::databases),
};

template <>
inline constexpr std::tuple kFields<Finding>{
    always("name", &Finding::name),
    always("severity", &Finding::severity),
    field("waived", &Finding::waived),
    always("message", &Finding::message, Form::Prose),
    field("remedy", &Finding::remedy, Form::Prose),
};

template <>
inline constexpr std::tuple kFields<Status>{
    field("observedGeneration", &Status::observed_generation),
    field("phase", &Status::phase),
    field("message", &Status::message, Form::Prose),
    field("run", &Status::run),
    field("observed", &Status::observed),
    field("conditions", &Status::conditions),
    field("steps", &Status::steps),
    field("before", &Status::before),
    field("times", &Status::times),
    field("downtimeSeconds", &Status::downtime_seconds),
    field("lastDurationSeconds", &Status::last_duration_seconds),
    field("backup", &Status::backup),
    field("findings", &Status::findings),
    field("followUp", &Status::follow_up, Form::Prose),
    field("newOmsWasStarted", &Status::new_oms_was_started),
};

}  // namespace oms::api
