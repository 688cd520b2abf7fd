#pragma once

// How the values of this room look as JSON: the one list of names that reading, writing and the
// tests of the CRD share. Seen by this room only.

#include "api/oms_upgrade.hpp"

#include <string_view>
#include <tuple>

namespace oms::api {

enum class Form {
    Plain,
    Prose,    // for a person: cleaned of bytes that are not UTF-8, and cut where it is too long
    Seconds,  // a time without a fraction: metav1.Time, which refuses to be parsed with one
};

/// One member of a struct. A field that is `always` there is written even when it holds its default
/// value, and a manifest without it is refused.
template <class T, class M>
struct Field {
    std::string_view name;
    M T::*member;
    bool always = false;
    Form form = Form::Plain;
    std::string_view inside = {};  // "oat": an object around this one field alone
};

template <class T, class M>
constexpr Field<T, M> field(std::string_view name, M T::*member, Form form = Form::Plain) {
    return {name, member, false, form};
}

template <class T, class M>
constexpr Field<T, M> always(std::string_view name, M T::*member, Form form = Form::Plain) {
    return {name, member, true, form};
}

template <class T, class M>
constexpr Field<T, M> wrapped(std::string_view inside, std::string_view name, M T::*member) {
    return {name, member, false, Form::Plain, inside};
}

/// kFields<T>: every member of T. A struct without such a list does not compile.
template <class T>
inline constexpr int kFields = 0;

template <class T>
concept Described = requires {
    std::tuple_size<std::remove_cv_t<decltype(kFields<T>)>>::value;
};

/// Applies `visit` to every Field of T.
template <Described T, class F>
constexpr void for_each_field(F&& visit) {
    std::apply([&](const auto&... one) { (visit(one), ...); }, kFields<T>);
}

template <>
inline constexpr std::tuple kFields<SecretRef>{always("name", &SecretRef::name)};

template <>
inline constexpr std::tuple kFields<ImageSpec>{
    always("reference", &ImageSpec::reference),
    field("archive", &ImageSpec::archive),
    field("id", &ImageSpec::id),
    field("pullSecretRef", &ImageSpec::pull_secret),
};

template <>
inline constexpr std::tuple kFields<AssistantImageSpec>{
    always("reference", &AssistantImageSpec::reference),
    field("archive", &AssistantImageSpec::archive),
    field("id", &AssistantImageSpec::id),
};

template <>
inline constexpr std::tuple kFields<DockerSpec>{
    field("endpoint", &DockerSpec::endpoint),
    field("tlsSecretRef", &DockerSpec::tls_secret),
};

template <>
inline constexpr std::tuple kFields<NodeSpec>{
    field("docker", &NodeSpec::docker),
    always("container", &NodeSpec::container),
    field("newContainer", &NodeSpec::new_container),
    field("hostIP", &NodeSpec::host_ip),
    field("role", &NodeSpec::role),
    field("region", &NodeSpec::region),
};

template <>
inline constexpr std::tuple kFields<DiscoverySpec>{
    always("endpointPattern", &DiscoverySpec::endpoint_pattern),
    always("tlsSecretRef", &DiscoverySpec::tls_secret),
};

template <>
inline constexpr std::tuple kFields<MetaDbEndpoint>{
    field("host", &MetaDbEndpoint::host),
    field("port", &MetaDbEndpoint::port),
    field("credentialsSecretRef", &MetaDbEndpoint::credentials_secret),
};

template <>
inline constexpr std::tuple kFields<SeparateCmSpec>{
    always("host", &SeparateCmSpec::host),
    always("port", &SeparateCmSpec::port),
    always("credentialsSecretRef", &SeparateCmSpec::credentials_secret),
    field("cmDatabase", &SeparateCmSpec::cm_database),
    field("heartbeatDatabase", &SeparateCmSpec::heartbeat_database),
};

template <>
inline constexpr std::tuple kFields<MetaDbSpec>{
    field("rm", &MetaDbSpec::rm),
    field("cm", &MetaDbSpec::cm),
    field("separateCM", &MetaDbSpec::separate_cm),
};

template <>
inline constexpr std::tuple kFields<HttpsSpec>{
    always("crt", &HttpsSpec::certificate),
    always("key", &HttpsSpec::key),
};

template <>
inline constexpr std::tuple kFields<BackupSpec>{
    field("compression", &BackupSpec::compression),
    field("verify", &BackupSpec::verify),
    field("threads", &BackupSpec::threads),
};

template <>
inline constexpr std::tuple kFields<HaSpec>{
    field("perceiveStoreClientCheckpoint", &HaSpec::perceive_store_client_checkpoint),
    field("refetchStoreIntervalMinutes", &HaSpec::refetch_store_interval_minutes),
};

template <>
inline constexpr std::tuple kFields<PrechecksSpec>{
    field("duplicateTaskNames", &PrechecksSpec::duplicate_task_names),
    field("waive", &PrechecksSpec::waive),
};

template <>
inline constexpr std::tuple kFields<RollbackSpec>{
    field("onFailure", &RollbackSpec::on_failure),
    field("requested", &RollbackSpec::requested),
};

template <>
inline constexpr std::tuple kFields<MaintenanceWindow>{
    always("days", &MaintenanceWindow::days),
    always("start", &MaintenanceWindow::start),
    always("durationMinutes", &MaintenanceWindow::duration_minutes),
    field("timeZone", &MaintenanceWindow::time_zone),
    field("minutesNeeded", &MaintenanceWindow::minutes_needed),
};

template <>
inline constexpr std::tuple kFields<Deadline>{
    always("phase", &Deadline::phase),
    always("seconds", &Deadline::seconds),
};

template <>
inline constexpr std::tuple kFields<Spec>{
    always("targetVersion", &Spec::target_version),
    always("image", &Spec::image),
    always("nodes", &Spec::nodes),
    field("discovery", &Spec::discovery),
    field("deploymentMode", &Spec::deployment_mode),
    field("keepTasksRunning", &Spec::keep_tasks_running),
    field("assistantImage", &Spec::assistant_image),
    field("sourceVersion", &Spec::source_version),
    wrapped("oat", "version", &Spec::oat_version),
    field("https", &Spec::https),
    field("metaDB", &Spec::meta_db),
    wrapped("console", "credentialsSecretRef", &Spec::console_secret),
    field("backup", &Spec::backup),
    field("ha", &Spec::ha),
    field("prechecks", &Spec::prechecks),
    field("rollback", &Spec::rollback),
    field("approval", &Spec::approval),
    field("paused", &Spec::paused),
    field("maintenanceWindow", &Spec::maintenance_window),
    field("confirmSeconds", &Spec::confirm_seconds),
    field("deadlines", &Spec::deadlines),
};

}  // namespace oms::api
