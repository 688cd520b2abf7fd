#pragma once

#include "api/spec.hpp"
#include "base/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace oms::api {

enum class ConditionStatus { True, False, Unknown };

/// metav1.Condition.
struct Condition {
    std::string type;
    ConditionStatus status = ConditionStatus::Unknown;
    std::string reason;
    std::string message;
    Time last_transition_time{};
    std::int64_t observed_generation = 0;

    bool operator==(const Condition&) const = default;
};

/// Which way the upgrade is being taken.
enum class Goal { Applied, Reverted };

enum class Outcome { Succeeded, RolledBack, Failed, Refused };

/// How far the run has come: with the pinned spec, all that has to survive a restart; the rest is
/// read from the world again.
struct Cursor {
    std::string phase;  // by name, so that a later operator with more phases still finds its place
    Goal goal = Goal::Applied;
    std::int32_t pushes = 0;             // of this phase, towards this goal
    Time since{};                        // when this phase was turned to
    std::optional<std::string> failure;  // why the run turned back

    bool operator==(const Cursor&) const = default;
};

/// One run of the upgrade: begun for one generation of the spec, which it keeps to its end.
struct Run {
    std::string id;         // "<uid>-<generation>": names backups and jobs
    std::string spec_hash;  // SHA-256 of the pinned spec's JSON, first 16 hex digits
    std::int64_t generation = 0;
    Time start_time{};
    std::optional<Time> finish_time;
    std::optional<Outcome> outcome;
    std::string retry;                  // the retry annotation that this run has taken up
    std::string held_by;                // see controller/scope.hpp; empty: by nobody
    Spec spec;                          // as pinned: with the nodes that were discovered
    std::int32_t discovered_nodes = 0;  // how many of spec.nodes these are, its last ones
    Cursor cursor;

    bool operator==(const Run&) const = default;
};

struct ObservedNode {
    std::string container;
    std::string image;
    std::string state;  // of the container that should run now
    std::string version;
    std::string host_ip;

    bool operator==(const ObservedNode&) const = default;
};

/// What containers and MetaDB were when last looked at.
struct Observed {
    std::string version;
    std::string meta_db;  // "10.0.0.3:2883 (5.7.25-OceanBase ...)"
    std::vector<std::string> databases;
    std::optional<bool> ha_enabled;
    std::vector<ObservedNode> nodes;

    bool operator==(const Observed&) const = default;
};

enum class StepState { Running, Done, Failed };

/// A phase as it went, one way. A phase taken forward and back has two.
struct Step {
    std::string name;
    Goal goal = Goal::Applied;
    StepState state = StepState::Running;
    Time start_time{};
    std::optional<Time> finish_time;
    std::int32_t attempts = 0;
    std::string message;

    bool operator==(const Step&) const = default;
};

struct MountRecord {
    std::string source;
    std::string target;

    bool operator==(const MountRecord&) const = default;
};

struct BeforeNode {
    std::string container;
    std::string container_id;
    std::string image;
    std::string image_id;
    std::string restart_policy;  // "always", "on-failure:3"
    std::string host_ip;
    std::string config_sha256;       // of its config.yaml
    std::string region;              // cm_region, or "cm_location 3" where it has no name
    std::string heartbeat_database;  // of its region
    bool migrates_schema = false;    // the .jar runs here: the first node of each region
    bool upgrades_metadata = false;  // docker_upgrade.sh runs here: one node of each region
    std::vector<MountRecord> mounts;
    bool was_running = true;

    bool operator==(const BeforeNode&) const = default;
};

/// The two kinds of tasks of an OMS below 4.0.1, each with a table of its own (procedure,
/// "Prerequisites").
enum class TaskKind { Migration, Synchronization };

/// A task that shared its name with another one.
struct RenamedTask {
    TaskKind kind = TaskKind::Migration;
    std::string id;
    std::string from;
    std::string to;

    bool operator==(const RenamedTask&) const = default;
};

/// A cm or heartbeat database that is carried over to a server, or a name, of its own.
struct CarriedDatabase {
    std::string from;    // its name before
    std::string to;      // its name there
    std::string server;  // "10.0.0.9:2883"
    // There was none of that name, and this run makes it: only then may a rollback drop it.
    bool ours = false;

    bool operator==(const CarriedDatabase&) const = default;
};

/// What must be known to go back, recorded before anything is touched.
struct Before {
    std::string version;
    std::optional<std::string> ha_config;  // byte for byte; empty: no such row
    std::vector<std::string> databases;    // rm, cm, then every heartbeat database
    std::vector<BeforeNode> nodes;
    std::vector<RenamedTask> renamed_tasks;
    std::vector<CarriedDatabase> carried_databases;  // empty: cm is not separated

    bool operator==(const Before&) const = default;
};

/// T1: OMS stopped. T2: HA was set after the upgrade. T3: the new OMS stopped (procedure).
struct Times {
    std::optional<Time> t1;
    std::optional<Time> t2;
    std::optional<Time> t3;

    bool operator==(const Times&) const = default;
};

struct BackupDatabase {
    std::string name;
    std::string file;
    std::int64_t bytes = 0;
    std::string sha256;
    std::int32_t tables = 0;
    std::int64_t rows = 0;

    bool operator==(const BackupDatabase&) const = default;
};

struct Backup {
    std::string path;
    std::vector<BackupDatabase> databases;

    bool operator==(const Backup&) const = default;
};

enum class Severity { Error, Warning, Info };

struct Finding {
    std::string name;  // what `prechecks.waive` names: "VersionPath"
    Severity severity = Severity::Error;
    bool waived = false;
    std::string message;
    std::string remedy;

    bool operator==(const Finding&) const = default;
};

struct Status {
    std::int64_t observed_generation = 0;
    std::string phase;    // for a person: "Pending", a phase of the plan, "Succeeded", ...
    std::string message;  // why
    std::optional<Run> run;
    Observed observed;
    std::vector<Condition> conditions;
    std::vector<Step> steps;
    Before before;
    Times times;
    std::optional<std::int64_t> downtime_seconds;
    std::optional<std::int64_t> last_duration_seconds;  // of the last run, from its first touch on
    std::optional<Backup> backup;
    std::vector<Finding> findings;
    std::vector<std::string> follow_up;
    bool new_oms_was_started = false;  // from then on MetaDB may only be put back from the dump

    bool operator==(const Status&) const = default;
};

}  // namespace oms::api
