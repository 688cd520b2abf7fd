#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace oms::api {

/// A Secret in the namespace of the resource.
struct SecretRef {
    std::string name;

    bool operator==(const SecretRef&) const = default;
};

struct ImageSpec {
    std::string reference;  // "work.oceanbase-dev.com/obartifact-store/oms:feature_4.3.1"
    std::optional<std::string>
        archive;                    // file that `docker load -i` would load, on the operator's disk
    std::optional<std::string> id;  // "sha256:...", must match
    std::optional<SecretRef> pull_secret;

    bool operator==(const ImageSpec&) const = default;
};

/// The upgrade assistant tool: what upgrades a component container that goes on running.
struct AssistantImageSpec {
    std::string reference;
    std::optional<std::string> archive;  // as of ImageSpec
    std::optional<std::string> id;       // "sha256:...", must match

    bool operator==(const AssistantImageSpec&) const = default;
};

struct DockerSpec {
    std::string endpoint = "unix:///var/run/docker.sock";  // or tcp://host:2376
    std::optional<SecretRef> tls_secret;                   // keys ca.crt, tls.crt, tls.key

    bool operator==(const DockerSpec&) const = default;
};

enum class Role { All, Management, Component };

struct NodeSpec {
    DockerSpec docker;
    std::string container;                     // the OMS container that runs now
    std::optional<std::string> new_container;  // default: oms_<target version>, as in the procedure
    std::optional<std::string> host_ip;        // OMS_HOST_IP; default: the running container's
    Role role = Role::All;
    std::optional<std::string> region;

    bool operator==(const NodeSpec&) const = default;
};

/// How the nodes that the manifest leaves out are reached: those that OMS itself knows.
struct DiscoverySpec {
    std::string endpoint_pattern;  // "tcp://{ip}:2376", with the node's OMS_HOST_IP for {ip}
    SecretRef tls_secret;          // as of DockerSpec

    bool operator==(const DiscoverySpec&) const = default;
};

enum class DeploymentMode { Integrated, Separated };

/// Overrides of one MetaDB connection of config.yaml, for when the operator reaches it elsewhere.
struct MetaDbEndpoint {
    std::optional<std::string> host;
    std::optional<std::uint16_t> port;
    std::optional<SecretRef> credentials_secret;  // keys username, password

    bool operator==(const MetaDbEndpoint&) const = default;
};

/// Where the cm and heartbeat databases are to be after the upgrade, when they are to be separated
/// from rm (procedure, "deploy the cluster manager (CM) database separately"). OMS and the operator
/// reach it alike.
struct SeparateCmSpec {
    std::string host;
    std::uint16_t port = 0;
    SecretRef credentials_secret;                   // keys username, password
    std::optional<std::string> cm_database;         // default: its name is kept
    std::optional<std::string> heartbeat_database;  // likewise

    bool operator==(const SeparateCmSpec&) const = default;
};

struct MetaDbSpec {
    MetaDbEndpoint rm;
    MetaDbEndpoint cm;
    std::optional<SeparateCmSpec> separate_cm;

    bool operator==(const MetaDbSpec&) const = default;
};

/// Certificate and key for an OMS that speaks HTTPS from this upgrade on: files of each Docker
/// host.
struct HttpsSpec {
    std::string certificate;
    std::string key;

    bool operator==(const HttpsSpec&) const = default;
};

enum class BackupCompression { Zstd, None };
enum class BackupVerify { ReadBack, Size };  // how a dump is looked at before it counts as complete

struct BackupSpec {
    BackupCompression compression = BackupCompression::Zstd;
    BackupVerify verify = BackupVerify::ReadBack;
    std::int32_t threads = 4;  // connections that dump and restore at once, 1..64

    bool operator==(const BackupSpec&) const = default;
};

/// ha.config after the upgrade (procedure, last step; design, section 5).
struct HaSpec {
    bool perceive_store_client_checkpoint = true;
    std::optional<std::int32_t> refetch_store_interval_minutes;  // only with perceive... false

    bool operator==(const HaSpec&) const = default;
};

enum class DuplicateTaskNames { Fail, Rename };

struct PrechecksSpec {
    DuplicateTaskNames duplicate_task_names = DuplicateTaskNames::Fail;
    std::vector<std::string> waive;  // names of findings that do not stop the upgrade

    bool operator==(const PrechecksSpec&) const = default;
};

enum class OnFailure { Automatic, Manual };

struct RollbackSpec {
    OnFailure on_failure = OnFailure::Automatic;
    bool requested = false;  // true: go back, whatever the upgrade is at, also after success

    bool operator==(const RollbackSpec&) const = default;
};

enum class Approval { NotRequired, Required, Granted };

enum class Weekday { Sun, Mon, Tue, Wed, Thu, Fri, Sat };  // as std::chrono::weekday counts

/// When OMS may be stopped. Its end never interrupts an upgrade that has begun.
struct MaintenanceWindow {
    std::vector<Weekday> days;                   // on which it opens
    std::string start;                           // "02:00", on the clocks of the time zone
    std::int32_t duration_minutes = 0;           // 1..1440
    std::string time_zone = "UTC";               // a name of the IANA database: "Asia/Shanghai"
    std::optional<std::int32_t> minutes_needed;  // default: what the last run took

    bool operator==(const MaintenanceWindow&) const = default;
};

struct Deadline {
    std::string phase;  // a phase of the plan: "BackupMetaDB"
    std::int32_t seconds = 0;

    bool operator==(const Deadline&) const = default;
};

/// What a person asks for. Everything optional is discovered when it is not said.
struct Spec {
    std::string target_version;  // "4.3.1"
    ImageSpec image;
    std::vector<NodeSpec> nodes;
    std::optional<DiscoverySpec> discovery;  // without: `nodes` are all of them
    DeploymentMode deployment_mode = DeploymentMode::Integrated;
    bool keep_tasks_running = false;  // do not stop Component nodes; only with Separated
    std::optional<AssistantImageSpec> assistant_image;  // wanted by keep_tasks_running
    std::optional<std::string> source_version;
    std::optional<std::string> oat_version;  // OMS deployed by OAT of this version
    std::optional<HttpsSpec> https;          // without: as it is now
    MetaDbSpec meta_db;
    std::optional<SecretRef> console_secret;  // keys username, password
    BackupSpec backup;
    HaSpec ha;
    PrechecksSpec prechecks;
    RollbackSpec rollback;
    Approval approval = Approval::NotRequired;
    bool paused = false;
    std::optional<MaintenanceWindow> maintenance_window;
    std::int32_t confirm_seconds = 15;  // the new OMS goes on working before the run ends, 1..240
    std::vector<Deadline> deadlines;

    bool operator==(const Spec&) const = default;
};

}  // namespace oms::api
