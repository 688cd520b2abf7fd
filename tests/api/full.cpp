#include "full.hpp"

namespace oms::api {
namespace {

Time at(int seconds, int microseconds = 0) {
    return Time{std::chrono::seconds{1763877000 + seconds} +
                std::chrono::microseconds{microseconds}};
}

MetaDbEndpoint endpoint(const char* host) {
    return {.host = host, .port = 2883, .credentials_secret = SecretRef{"oms-metadb"}};
}

Spec full_spec() {
    Spec spec;
    spec.target_version = "4.3.1";
    spec.image = {.reference = "registry.example.com/oms:feature_4.3.1",
                  .archive = "/var/lib/oms-operator/oms.tar",
                  .id = "sha256:" + std::string(64, 'a'),
                  .pull_secret = SecretRef{"oms-registry"}};
    spec.nodes = {
        {.docker = {.endpoint = "tcp://10.0.0.7:2376", .tls_secret = SecretRef{"oms-docker"}},
         .container = "oms_430",
         .new_container = "oms_431",
         .host_ip = "10.0.0.7",
         .role = Role::Management,
         .region = "cn-hangzhou"}};
    spec.discovery =
        DiscoverySpec{.endpoint_pattern = "tcp://{ip}:2376", .tls_secret = {"oms-docker"}};
    spec.deployment_mode = DeploymentMode::Separated;
    spec.keep_tasks_running = true;
    spec.assistant_image = AssistantImageSpec{.reference = "registry.example.com/oms-tools:4.3.1",
                                              .archive = "/var/lib/oms-operator/tools.tar",
                                              .id = "sha256:" + std::string(64, 'b')};
    spec.source_version = "4.3.0";
    spec.oat_version = "4.3.2";
    spec.https = HttpsSpec{.certificate = "/data/oms/oms.crt", .key = "/data/oms/oms.key"};
    spec.meta_db = {.rm = endpoint("rm.example.com"),
                    .cm = endpoint("cm.example.com"),
                    .separate_cm = SeparateCmSpec{.host = "cm2.example.com",
                                                  .port = 2881,
                                                  .credentials_secret = {"oms-cm"},
                                                  .cm_database = "cm_431",
                                                  .heartbeat_database = "cm_hb_431"}};
    spec.console_secret = SecretRef{"oms-console"};
    spec.backup = {
        .compression = BackupCompression::None, .verify = BackupVerify::Size, .threads = 8};
    spec.ha = {.perceive_store_client_checkpoint = false, .refetch_store_interval_minutes = 60};
    spec.prechecks = {.duplicate_task_names = DuplicateTaskNames::Rename, .waive = {"DiskSpace"}};
    spec.rollback = {.on_failure = OnFailure::Manual, .requested = true};
    spec.approval = Approval::Granted;
    spec.paused = true;
    spec.maintenance_window = MaintenanceWindow{.days = {Weekday::Sat, Weekday::Sun},
                                                .start = "02:00",
                                                .duration_minutes = 240,
                                                .time_zone = "Asia/Shanghai",
                                                .minutes_needed = 30};
    spec.confirm_seconds = 60;
    spec.deadlines = {{.phase = "Verify", .seconds = 600}};
    return spec;
}

Run full_run() {
    return {.id = "0d9e-3",
            .spec_hash = "0123456789abcdef",
            .generation = 3,
            .start_time = at(0, 1),
            .finish_time = at(500, 2),
            .outcome = Outcome::RolledBack,
            .retry = "1",
            .held_by = "oms-system/oms-operator-bank",
            .spec = full_spec(),
            .discovered_nodes = 1,
            .cursor = {.phase = "Verify",
                       .goal = Goal::Reverted,
                       .pushes = 2,
                       .since = at(400, 3),
                       .failure = "OMS did not become healthy"}};
}

Before full_before() {
    return {
        .version = "4.3.0",
        .ha_config = "{ \"enable\": true,\n \"unknown\": \"\u4e2d\" }",
        .databases = {"oms_rm", "oms_cm", "oms_cm_hb"},
        .nodes = {{.container = "oms_430",
                   .container_id = std::string(64, 'c'),
                   .image = "registry.example.com/oms:feature_4.3.0",
                   .image_id = "sha256:" + std::string(64, 'b'),
                   .restart_policy = "on-failure:3",
                   .host_ip = "10.0.0.7",
                   .config_sha256 = std::string(64, 'd'),
                   .region = "cn-hangzhou",
                   .heartbeat_database = "oms_cm_hb",
                   .migrates_schema = true,
                   .upgrades_metadata = true,
                   .mounts = {{.source = "/data/oms/run", .target = "/home/ds/run"}},
                   .was_running = false}},
        .carried_databases = {
            {.from = "oms_cm", .to = "cm_431", .server = "cm2.example.com:2881", .ours = true}}};
}

Status full_status() {
    Status status;
    status.observed_generation = 3;
    status.phase = "Verify";
    status.message = "waiting for OMS";
    status.run = full_run();
    status.observed = {.version = "4.3.0",
                       .meta_db = "10.0.0.3:2883 (5.7.25-OceanBase)",
                       .databases = {"oms_rm"},
                       .ha_enabled = false,
                       .nodes = {{.container = "oms_430",
                                  .image = "registry.example.com/oms:feature_4.3.0",
                                  .state = "running",
                                  .version = "4.3.0",
                                  .host_ip = "10.0.0.7"}}};
    status.conditions = {{.type = "Ready",
                          .status = ConditionStatus::False,
                          .reason = "Progressing",
                          .message = "waiting for OMS",
                          .last_transition_time = at(7),
                          .observed_generation = 3}};
    status.steps = {{.name = "Verify",
                     .goal = Goal::Reverted,
                     .state = StepState::Failed,
                     .start_time = at(1, 4),
                     .finish_time = at(2, 5),
                     .attempts = 2,
                     .message = "not healthy"}};
    status.before = full_before();
    status.times = {.t1 = at(10, 6), .t2 = at(93, 7), .t3 = at(300, 8)};
    status.downtime_seconds = 83;
    status.last_duration_seconds = 412;
    status.backup = Backup{.path = "/var/lib/oms-operator/backups/0d9e-3",
                           .databases = {{.name = "oms_rm",
                                          .file = "oms_rm.sql.zst",
                                          .bytes = 5'000'000'000,
                                          .sha256 = std::string(64, 'e'),
                                          .tables = 150,
                                          .rows = 12'345}}};
    status.findings = {{.name = "DiskSpace",
                        .severity = Severity::Warning,
                        .waived = true,
                        .message = "2 GiB are free",
                        .remedy = "make room"}};
    status.follow_up = {"clear the browser's cache"};
    status.new_oms_was_started = true;
    return status;
}

}  // namespace

OmsUpgrade full() {
    OmsUpgrade upgrade;
    upgrade.key = {"default", "full"};
    upgrade.uid = "0d9e";
    upgrade.resource_version = "42";
    upgrade.generation = 3;
    upgrade.created = at(-60);
    upgrade.deleting = true;
    upgrade.finalizers = {std::string(kFinalizer)};
    upgrade.labels = {{"team", "data"}};
    upgrade.annotations = {{std::string(kRetry), "1"}};
    upgrade.spec = full_spec();
    upgrade.status = full_status();
    return upgrade;
}

OmsUpgrade smallest() {
    OmsUpgrade upgrade;
    upgrade.key = {"default", "to-431"};
    upgrade.spec.target_version = "4.3.1";
    upgrade.spec.image.reference = "work.oceanbase-dev.com/obartifact-store/oms:feature_4.3.1";
    NodeSpec node;
    node.container = "oms_430";
    upgrade.spec.nodes = {node};
    return upgrade;
}

}  // namespace oms::api
