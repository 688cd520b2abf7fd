#include "api/validate.hpp"

#include "api/spelling.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <utility>

namespace oms::api {
namespace {

/// What a text must look like, and how a person is told so.
struct Shape {
    std::string_view pattern;
    std::size_t bytes_max;
    std::string_view message;
};

constexpr Shape kVersionShape{
    patterns::kVersion, limits::kVersionBytesMax, "must be a version such as 4.3.1 or 4.2.11-CE"};
constexpr Shape kReferenceShape{patterns::kReference,
                                limits::kReferenceBytesMax,
                                "must be an image with its tag or digest, such as "
                                "registry.example.com/oms:feature_4.3.1"};
constexpr Shape kArchiveShape{"^/", limits::kPathBytesMax, "must be an absolute path"};
constexpr Shape kImageIdShape{patterns::kImageId,
                              71,
                              "must be sha256: and 64 hex digits, as docker image inspect shows "
                              "it under Id"};
constexpr Shape kEndpointShape{patterns::kEndpoint,
                               limits::kEndpointBytesMax,
                               "must be unix:///path/to/docker.sock or tcp://host:port"};
constexpr Shape kEndpointPatternShape{patterns::kEndpointPattern,
                                      limits::kEndpointBytesMax,
                                      "must be tcp://{ip}:port, such as tcp://{ip}:2376"};
constexpr Shape kContainerShape{patterns::kContainer,
                                limits::kContainerBytesMax,
                                "must be the name or id of a container, such as oms_430"};
constexpr Shape kAddressShape{
    patterns::kAddress, limits::kAddressBytesMax, "must be an IP address such as 10.0.0.7"};
constexpr Shape kRegionShape{patterns::kRegion,
                             limits::kRegionBytesMax,
                             "must be letters, digits, '-', '_' and '.', such as cn-hangzhou"};
constexpr Shape kHostShape{
    patterns::kHost, limits::kHostBytesMax, "must be a host name or an IP address"};
constexpr Shape kSecretShape{patterns::kSecretName,
                             limits::kSecretNameBytesMax,
                             "must be the name of a Secret: lower-case letters, digits, '-' and "
                             "'.'"};
constexpr Shape kTimeOfDayShape{patterns::kTimeOfDay, 5, "must be a time of day such as 02:00"};
constexpr Shape kTimeZoneShape{patterns::kTimeZone,
                               limits::kTimeZoneBytesMax,
                               "must be a time zone of the IANA database such as Asia/Shanghai"};
constexpr Shape kFindingShape{patterns::kFinding,
                              limits::kFindingBytesMax,
                              "must be the name of a finding, such as VersionPath or "
                              "TaskGate/np_123"};
constexpr Shape kDatabaseShape{patterns::kDatabase,
                               limits::kDatabaseBytesMax,
                               "must be the name of a database: letters, digits, '_', '$' and "
                               "'-'"};

constexpr Shape kNameShape{patterns::kSecretName,
                           limits::kNameBytesMax,
                           "must be lower-case letters, digits, '-' and '.', such as to-431"};
constexpr Shape kSpaceShape{"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
                            63,
                            "must be lower-case letters, digits and '-', such as default"};

constexpr std::array kShapes{kVersionShape,
                             kReferenceShape,
                             kArchiveShape,
                             kImageIdShape,
                             kEndpointShape,
                             kEndpointPatternShape,
                             kContainerShape,
                             kAddressShape,
                             kRegionShape,
                             kHostShape,
                             kSecretShape,
                             kTimeOfDayShape,
                             kTimeZoneShape,
                             kFindingShape,
                             kDatabaseShape,
                             kNameShape,
                             kSpaceShape};

/// Building a std::regex costs a hundred times what asking it does, so each is built once.
const std::regex& compiled(std::string_view pattern) {
    static const std::map<std::string_view, std::regex> all = [] {
        std::map<std::string_view, std::regex> built;
        for (const Shape& shape : kShapes)
            built.emplace(shape.pattern, std::regex(shape.pattern.begin(), shape.pattern.end()));
        return built;
    }();
    return all.at(pattern);
}

class Checks {
public:
    void must(bool holds, const std::string& path, std::string_view message) {
        if (!holds) problems_.push_back({path, std::string(message)});
    }

    void text(const std::string& value, const std::string& path, const Shape& shape) {
        if (value.size() > shape.bytes_max) {
            must(false, path, "may not be longer than " + std::to_string(shape.bytes_max));
        } else {
            must(std::regex_search(value, compiled(shape.pattern)), path, shape.message);
        }
    }

    void text(const std::optional<std::string>& value,
              const std::string& path,
              const Shape& shape) {
        if (value) text(*value, path, shape);
    }

    void secret(const std::optional<SecretRef>& ref, const std::string& path) {
        if (ref) text(ref->name, path + ".name", kSecretShape);
    }

    void between(std::int64_t value,
                 std::int64_t least,
                 std::int64_t most,
                 const std::string& path) {
        must(value >= least && value <= most,
             path,
             "must be from " + std::to_string(least) + " to " + std::to_string(most) + ", but is " +
                 std::to_string(value));
    }

    std::vector<Problem> take() { return std::move(problems_); }

private:
    std::vector<Problem> problems_;
};

std::string item(const char* list, std::size_t index) {
    return std::string(list) + "[" + std::to_string(index) + "]";
}

void check_image(Checks& checks, const ImageSpec& image) {
    checks.text(image.reference, "spec.image.reference", kReferenceShape);
    checks.text(image.archive, "spec.image.archive", kArchiveShape);
    checks.text(image.id, "spec.image.id", kImageIdShape);
    checks.secret(image.pull_secret, "spec.image.pullSecretRef");
}

void check_docker(Checks& checks, const DockerSpec& docker, const std::string& path) {
    checks.text(docker.endpoint, path + ".endpoint", kEndpointShape);
    checks.secret(docker.tls_secret, path + ".tlsSecretRef");
    checks.must(!docker.endpoint.starts_with("tcp://") || docker.tls_secret.has_value(),
                path,
                "must have a tlsSecretRef with a tcp endpoint: without TLS, whoever reaches the "
                "port is root on that host");
    checks.must(!docker.endpoint.starts_with("unix://") || !docker.tls_secret.has_value(),
                path,
                "must not have a tlsSecretRef with a unix endpoint");
}

void check_node(Checks& checks, const NodeSpec& node, const std::string& path) {
    check_docker(checks, node.docker, path + ".docker");
    checks.text(node.container, path + ".container", kContainerShape);
    checks.text(node.new_container, path + ".newContainer", kContainerShape);
    checks.text(node.host_ip, path + ".hostIP", kAddressShape);
    checks.text(node.region, path + ".region", kRegionShape);
    checks.must(node.new_container != node.container,
                path,
                "newContainer must not be the container that runs now: it is kept for a rollback");
}

void check_nodes(Checks& checks, const Spec& spec) {
    checks.must(!spec.nodes.empty(), "spec.nodes", "must have at least 1 node");
    checks.must(spec.nodes.size() <= limits::kNodesMax,
                "spec.nodes",
                "may not have more than " + std::to_string(limits::kNodesMax) + " nodes");
    std::set<std::pair<std::string_view, std::string_view>> seen;
    bool unique = true;
    for (std::size_t i = 0; i < spec.nodes.size() && i < limits::kNodesMax; ++i) {
        const NodeSpec& node = spec.nodes[i];
        check_node(checks, node, item("spec.nodes", i));
        unique = seen.emplace(node.docker.endpoint, node.container).second && unique;
    }
    checks.must(unique, "spec.nodes", "must not name the same container of one endpoint twice");
}

void check_roles(Checks& checks, const Spec& spec) {
    const auto any = [&](auto predicate) {
        return std::any_of(spec.nodes.begin(), spec.nodes.end(), predicate);
    };
    if (spec.deployment_mode == DeploymentMode::Integrated) {
        checks.must(!any([](const NodeSpec& node) { return node.role != Role::All; }),
                    "spec.nodes",
                    "must all have the role All unless deploymentMode is Separated");
    } else if (!spec.nodes.empty()) {
        checks.must(any([](const NodeSpec& node) { return node.role != Role::Component; }),
                    "spec.nodes",
                    "must have a node whose role is not Component");
    }
}

void check_discovery(Checks& checks, const Spec& spec) {
    if (!spec.discovery) return;
    checks.text(
        spec.discovery->endpoint_pattern, "spec.discovery.endpointPattern", kEndpointPatternShape);
    checks.secret(spec.discovery->tls_secret, "spec.discovery.tlsSecretRef");
    checks.must(spec.deployment_mode == DeploymentMode::Integrated,
                "spec.discovery",
                "may only be set when deploymentMode is Integrated: OMS does not say which node "
                "has which role");
}

void check_assistant(Checks& checks, const Spec& spec) {
    const bool separated = spec.deployment_mode == DeploymentMode::Separated;
    checks.must(!spec.keep_tasks_running || separated,
                "spec.keepTasksRunning",
                "may only be true when deploymentMode is Separated");
    checks.must(!spec.keep_tasks_running || spec.assistant_image.has_value(),
                "spec",
                "must have an assistantImage when keepTasksRunning is true");
    checks.must(spec.keep_tasks_running || !spec.assistant_image.has_value(),
                "spec.assistantImage",
                "may only be set when keepTasksRunning is true");
    checks.must(!spec.keep_tasks_running || !spec.meta_db.separate_cm,
                "spec.keepTasksRunning",
                "may not be true with metaDB.separateCM: components that go on running would still "
                "use the old CM database");
    if (!spec.assistant_image) return;
    checks.text(spec.assistant_image->reference, "spec.assistantImage.reference", kReferenceShape);
    checks.text(spec.assistant_image->archive, "spec.assistantImage.archive", kArchiveShape);
    checks.text(spec.assistant_image->id, "spec.assistantImage.id", kImageIdShape);
}

void check_endpoint(Checks& checks, const MetaDbEndpoint& endpoint, const std::string& path) {
    checks.text(endpoint.host, path + ".host", kHostShape);
    if (endpoint.port) checks.between(*endpoint.port, 1, 65535, path + ".port");
    checks.secret(endpoint.credentials_secret, path + ".credentialsSecretRef");
}

void check_https(Checks& checks, const HttpsSpec& https) {
    checks.text(https.certificate, "spec.https.crt", kArchiveShape);
    checks.text(https.key, "spec.https.key", kArchiveShape);
    checks.must(https.certificate != https.key, "spec.https", "crt and key must be two files");
}

void check_separate_cm(Checks& checks, const Spec& spec) {
    if (!spec.meta_db.separate_cm) return;
    const SeparateCmSpec& place = *spec.meta_db.separate_cm;
    const std::string path = "spec.metaDB.separateCM";
    checks.text(place.host, path + ".host", kHostShape);
    checks.between(place.port, 1, 65535, path + ".port");
    checks.secret(place.credentials_secret, path + ".credentialsSecretRef");
    checks.text(place.cm_database, path + ".cmDatabase", kDatabaseShape);
    checks.text(place.heartbeat_database, path + ".heartbeatDatabase", kDatabaseShape);
    checks.must(!place.cm_database || place.cm_database != place.heartbeat_database,
                path,
                "must give cmDatabase and heartbeatDatabase different names");
    checks.must(spec.approval != Approval::NotRequired,
                "spec.approval",
                "must be Required or Granted with metaDB.separateCM: the upgrade procedure does "
                "not say how the CM database is separated, so a person decides");
}

void check_ha(Checks& checks, const HaSpec& ha) {
    if (!ha.refetch_store_interval_minutes) return;
    checks.between(*ha.refetch_store_interval_minutes,
                   1,
                   limits::kRefetchMinutesMax,
                   "spec.ha.refetchStoreIntervalMinutes");
    checks.must(!ha.perceive_store_client_checkpoint,
                "spec.ha",
                "refetchStoreIntervalMinutes may only be set when perceiveStoreClientCheckpoint is "
                "false");
}

void check_window(Checks& checks, const MaintenanceWindow& window) {
    const std::string path = "spec.maintenanceWindow";
    const std::set<Weekday> days(window.days.begin(), window.days.end());
    checks.must(!window.days.empty(), path + ".days", "must have at least 1 day");
    checks.must(days.size() == window.days.size(), path + ".days", "must not name a day twice");
    checks.text(window.start, path + ".start", kTimeOfDayShape);
    checks.between(
        window.duration_minutes, 1, limits::kWindowMinutesMax, path + ".durationMinutes");
    checks.text(window.time_zone, path + ".timeZone", kTimeZoneShape);
    if (window.minutes_needed) {
        checks.between(
            *window.minutes_needed, 1, limits::kWindowMinutesMax, path + ".minutesNeeded");
    }
}

void check_waived(Checks& checks, const std::vector<std::string>& waive) {
    checks.must(waive.size() <= limits::kWaivedMax,
                "spec.prechecks.waive",
                "may not have more than " + std::to_string(limits::kWaivedMax) + " names");
    for (std::size_t i = 0; i < waive.size() && i < limits::kWaivedMax; ++i)
        checks.text(waive[i], item("spec.prechecks.waive", i), kFindingShape);
    const std::set<std::string_view> names(waive.begin(), waive.end());
    checks.must(names.size() == waive.size(), "spec.prechecks.waive", "must not name one twice");
}

void check_deadlines(Checks& checks, const std::vector<Deadline>& deadlines) {
    const std::vector<std::string_view> known(kPhases.begin(), kPhases.end());
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < deadlines.size() && i <= kPhases.size(); ++i) {
        const Deadline& deadline = deadlines[i];
        const std::string path = item("spec.deadlines", i);
        const bool is_known = std::find(known.begin(), known.end(), deadline.phase) != known.end();
        const auto meant = did_you_mean(deadline.phase, known);
        checks.must(is_known,
                    path + ".phase",
                    "must be " + join_or(known) +
                        (meant ? ": did you mean " + std::string(*meant) + "?" : ""));
        checks.between(deadline.seconds, 1, limits::kDeadlineSecondsMax, path + ".seconds");
        names.insert(deadline.phase);
    }
    checks.must(names.size() == deadlines.size(), "spec.deadlines", "must not name a phase twice");
}

}  // namespace

std::vector<Problem> validate(const Spec& spec) {
    Checks checks;
    checks.text(spec.target_version, "spec.targetVersion", kVersionShape);
    checks.text(spec.source_version, "spec.sourceVersion", kVersionShape);
    checks.text(spec.oat_version, "spec.oat.version", kVersionShape);
    check_image(checks, spec.image);
    check_nodes(checks, spec);
    check_roles(checks, spec);
    check_discovery(checks, spec);
    if (spec.https) check_https(checks, *spec.https);
    check_assistant(checks, spec);
    check_endpoint(checks, spec.meta_db.rm, "spec.metaDB.rm");
    check_endpoint(checks, spec.meta_db.cm, "spec.metaDB.cm");
    check_separate_cm(checks, spec);
    checks.secret(spec.console_secret, "spec.console.credentialsSecretRef");
    checks.between(spec.backup.threads, 1, limits::kThreadsMax, "spec.backup.threads");
    check_ha(checks, spec.ha);
    check_waived(checks, spec.prechecks.waive);
    if (spec.maintenance_window) check_window(checks, *spec.maintenance_window);
    checks.between(spec.confirm_seconds, 1, limits::kConfirmSecondsMax, "spec.confirmSeconds");
    check_deadlines(checks, spec.deadlines);
    return checks.take();
}

std::vector<Problem> validate(const Key& key) {
    Checks checks;
    if (key.name.empty()) {
        checks.must(false, "metadata.name", "is required");
    } else {
        checks.text(key.name, "metadata.name", kNameShape);
    }
    checks.text(key.space, "metadata.namespace", kSpaceShape);
    return checks.take();
}

}  // namespace oms::api
