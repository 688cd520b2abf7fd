#include "upgrade/survey.hpp"

#include "base/error.hpp"
#include "base/sha256.hpp"
#include "oms/community.hpp"
#include "oms/ha.hpp"
#include "oms/names.hpp"
#include "upgrade/components.hpp"
#include "upgrade/nodes.hpp"
#include "upgrade/site.hpp"

#include <algorithm>
#include <sstream>

namespace oms::upgrade {
namespace {

using namespace std::chrono_literals;

bool is_healthy_now(const NodeSurvey& node,
                    const Target& target,
                    std::size_t index,
                    const Tools& tools) {
    if (!node.container->running || !node.settings) return false;
    api::BeforeNode seen;
    record_container(seen, *node.container);
    const std::string ip = target.spec.nodes[index].host_ip.value_or(seen.host_ip);
    return console_is_healthy(tools, index, *node.container, ip, *node.settings);
}

void read_config(NodeSurvey& node) {
    if (!node.config) return;
    try {
        node.settings = parse_config(*node.config);
    } catch (const Terminal& error) {
        node.config_error = error.what();
    }
}

/// Of `date '+%s %:z'`: "1700000000 +08:00". Empty for anything else.
std::optional<HostClock> read_clock(const runtime::Host& host,
                                    const std::string& container,
                                    const Tools& tools) {
    const auto answer = host.ask(container, {"date", "+%s %:z"}, 10s);
    if (!answer || answer->exit_code != 0) return std::nullopt;
    std::istringstream words(answer->out);
    std::int64_t seconds = 0;
    HostClock clock;
    if (!(words >> seconds >> clock.time_zone)) return std::nullopt;
    const Time theirs{std::chrono::seconds{seconds}};
    clock.ahead = std::chrono::duration_cast<std::chrono::seconds>(theirs - tools.now());
    return clock;
}

void look_at_container(const Target& target,
                       const Tools& tools,
                       std::size_t index,
                       NodeSurvey& node) {
    const runtime::Host& host = tools.host(index);
    const std::string& name = node.container->name;
    node.config = host.read_file(name, kConfigPath, kConfigBytesMax);
    read_config(node);
    node.clock = read_clock(host, name, tools);
    for (const auto path : kDataPaths) {
        const auto answer = host.ask(name, {"test", "-w", std::string(path)}, 10s);
        if (answer) node.writable[std::string(path)] = answer->exit_code == 0;
    }
    if (target.spec.nodes[index].role == api::Role::Component) {
        node.trouble = trouble_of_component_programs(host, name, name);
        node.healthy = !node.trouble;
    } else {
        node.healthy = is_healthy_now(node, target, index, tools);
        node.https = survey_https(target, tools, index, *node.container);
    }
}

NodeSurvey survey_node(const Target& target, const Tools& tools, std::size_t index) {
    NodeSurvey node;
    node.error = failure_of([&] {
        const runtime::Host& host = tools.host(index);
        node.host = host.info();
        node.container = host.find_container(target.spec.nodes[index].container);
        if (!target.keeps_running(index))
            node.successor = host.find_container(target.new_container(index));
        node.containers = host.containers();
        node.image = host.find_image(target.spec.image.reference);
        if (node.container) look_at_container(target, tools, index, node);
    });
    return node;
}

/// `tables`: those it must have, whatever the version.
DatabaseSurvey survey_database(const metadb::MetaDb& server,
                               const std::string& name,
                               const std::vector<std::string>& tables) {
    DatabaseSurvey database{.name = name, .exists = server.has_database(name)};
    if (!database.exists) return database;
    database.missing_rights = server.missing_rights(name);
    if (!database.missing_rights.empty()) return database;
    database.empty = server.is_empty(name);
    for (const auto& table : tables)
        if (!server.has_table(name, table)) database.missing_tables.push_back(table);
    database.bytes = server.estimate_bytes(name);
    return database;
}

MetaSurvey survey_meta_db(const Survey& found, const Tools& tools) {
    const Config& config = *found.nodes.front().settings;
    MetaSurvey meta;
    meta.error = failure_of([&] {
        meta.server = tools.rm().info();
        meta.databases.push_back(
            survey_database(tools.rm(), config.rm_database, {std::string(kHaConfigTable)}));
        meta.databases.push_back(survey_database(tools.cm(), config.cm_database, {"host"}));
        for (const auto& database : heartbeat_databases_of(found))
            meta.databases.push_back(survey_database(tools.cm(), database, {"heart_beat"}));
        // An OMS below 4.1.1 has no such table: then this is empty, too.
        const DatabaseSurvey& rm = meta.databases.front();
        if (rm.exists && rm.missing_rights.empty())
            meta.oms_version = tools.rm().oms_version(config.rm_database);
        if (!meta.is_readable()) return;
        for (const auto& database : heartbeat_databases_of(found))
            meta.heartbeats[database] = tools.cm().heartbeat_tables(database);
        meta.hosts = tools.cm().hosts(config.cm_database);
        meta.ha_config = tools.rm().ha_config(config.rm_database);
        meta.full_import_projects =
            tools.rm().full_import_projects(config.rm_database, config.cm_database);
    });
    return meta;
}

/// The prerequisites that the procedure has for sources below 4.0.1.
void survey_old_tasks(Survey& found, const Tools& tools) {
    const Config& config = *found.nodes.front().settings;
    std::vector<int> locations;
    for (const auto& region : regions_of(found)) locations.push_back(region.location);
    MetaSurvey& meta = *found.meta;
    meta.error = failure_of([&] {
        meta.shared_names = tools.rm().shared_task_names(config.rm_database);
        meta.black_region_jobs = tools.cm().black_region_jobs(config.cm_database, locations);
    });
}

/// The separate place of cm, and how far the tasks have come for it.
void look_at_separation(Target target, const Tools& tools, const Version& from, Survey& found) {
    target.from = from;
    const NodeSurvey& first = found.nodes.front();
    const Config& config = *first.settings;
    std::vector<std::string> databases{config.rm_database, config.cm_database};
    for (auto& heartbeat : heartbeat_databases_of(found)) databases.push_back(heartbeat);
    found.separation = survey_separation(target, tools, *first.config, config, databases);
    if (found.separation->is_there_already || !first.container) return;
    const std::string ip = host_ip_of(target, found, 0);
    const auto console = console_of(tools, 0, *first.container, ip, config);
    found.tasks =
        survey_tasks(target, tools, from, console.value_or(Console{}), config.rm_database);
}

/// A node without a console is as well as MetaDB says its host is.
void survey_components(const Target& target, Survey& found, const Tools& tools) {
    for (std::size_t index = 0; index < found.nodes.size(); ++index) {
        NodeSurvey& node = found.nodes[index];
        const bool component = target.spec.nodes[index].role == api::Role::Component;
        if (!component || !node.healthy || !node.settings) continue;
        found.meta->error = failure_of([&] {
            node.trouble =
                trouble_of_host(found.meta->hosts,
                                tools.cm().supervisor_beats(node.settings->heartbeat_database),
                                host_ip_of(target, found, index));
        });
        node.healthy = !node.trouble;
        if (found.meta->error) return;
    }
}

std::optional<bool> ha_enabled(const std::optional<std::string>& value) {
    if (!value) return std::nullopt;
    try {
        return parse_ha(*value).enable;
    } catch (const Terminal&) {
        return std::nullopt;  // a finding of its own
    }
}

/// What only a person can do afterwards (procedure, last paragraphs).
std::vector<std::string> follow_up(const Target& target, const Survey& found) {
    std::vector<std::string> list{"clear the browser cache before logging in to the OMS console"};
    for (const std::size_t node : kept_nodes(target)) {
        list.push_back("before " + target.spec.nodes[node].container + " of the component node " +
                       host_ip_of(target, found, node) +
                       " is next restarted: its components are of the new version inside a "
                       "container of the old image, and its config.yaml was left alone; give that "
                       "file the keys of the new version, as on the management nodes, when the "
                       "tasks may be interrupted");
    }
    if (!found.meta) return list;
    if (ha_enabled(found.meta->ha_config) == false) {
        list.emplace_back(
            "if HA was disabled for this upgrade before it began, enable ha.config in the console");
    }
    for (const auto& project : found.meta->full_import_projects)
        list.push_back("resume the Full-Import of the project " + project + " in the console");
    return list;
}

void record_node(const NodeSurvey& found, api::BeforeNode& before, api::ObservedNode& observed) {
    if (!found.container) return;
    record_container(before, *found.container);
    if (found.config) before.config_sha256 = sha256_hex(*found.config);
    observed = {.container = found.container->name,
                .image = found.container->image,
                .state = found.container->state,
                .version = {},
                .host_ip = before.host_ip};
    if (const auto version = version_in_image(found.container->image))
        observed.version = to_string(*version);
}

void survey_archive(const std::string& path, const Tools& tools, Survey& found) {
    found.archive_bytes = tools.file_size(path);
    if (found.archive_bytes.value_or(0) == 0) return;  // a finding of its own
    const auto error = failure_of([&] { found.archive = tools.image_archive(path); });
    if (error) found.archive_error = error->what;
}

}  // namespace

bool MetaSurvey::is_readable() const {
    return std::all_of(databases.begin(), databases.end(), [](const DatabaseSurvey& one) {
        return one.exists && one.missing_rights.empty() && !one.empty && one.missing_tables.empty();
    });
}

Survey survey(const Target& target, const Tools& tools) {
    Survey found;
    found.nodes.resize(target.spec.nodes.size());
    for_each_node(target, tools, [&](std::size_t node) {
        found.nodes[node] = survey_node(target, tools, node);
    });
    if (found.nodes.front().settings) found.meta = survey_meta_db(found, tools);
    const auto from = source_version(target, found);
    const bool is_readable = found.meta && !found.meta->error && found.meta->is_readable();
    if (is_readable) survey_components(target, found, tools);
    const bool is_seen = is_readable && !found.meta->error;
    if (from && needs_schema_migration(*from) && is_seen) survey_old_tasks(found, tools);
    if (from && target.spec.meta_db.separate_cm && is_seen)
        look_at_separation(target, tools, *from, found);
    if (target.spec.image.archive) survey_archive(*target.spec.image.archive, tools, found);
    const auto& assistant = target.spec.assistant_image;
    if (assistant && assistant->archive)
        found.assistant_bytes = tools.file_size(*assistant->archive);
    found.backup_folder = tools.backups().folder().string();
    found.backup_error =
        failure_of([&] { found.backup_free_bytes = tools.backups().free_bytes(); });
    return found;
}

std::optional<Version> source_version(const Target& target, const Survey& found) {
    if (target.spec.source_version) return parse_version(*target.spec.source_version);
    if (found.meta && found.meta->oms_version)
        if (auto version = parse_version(*found.meta->oms_version)) return version;
    const auto& container = found.nodes.front().container;
    return container ? version_in_image(container->image) : std::nullopt;
}

void record_survey(const Target& target, const Survey& found, api::Status& status) {
    status.before.nodes.resize(found.nodes.size());
    status.observed.nodes.resize(found.nodes.size());
    for (std::size_t node = 0; node < found.nodes.size(); ++node)
        record_node(found.nodes[node], status.before.nodes[node], status.observed.nodes[node]);
    if (const auto version = source_version(target, found)) {
        status.before.version = to_string(*version);
        status.observed.version = to_string(*version);
    }
    assign_duties(target, found, status.before.nodes);
    const auto& config = found.nodes.front().settings;
    if (config) {
        auto& databases = status.before.databases;
        databases = {config->rm_database, config->cm_database};
        for (auto& heartbeat : heartbeat_databases_of(found)) databases.push_back(heartbeat);
        status.observed.databases = databases;
    }
    record_separation(found.separation, status);
    status.follow_up = follow_up(target, found);
    if (const auto from = source_version(target, found)) {
        for (auto& note : community_follow_up(*from, target.to))
            status.follow_up.push_back(std::move(note));
    }
    if (found.meta && !found.meta->error) {
        status.observed.meta_db = config->rm.host + ":" + std::to_string(config->rm.port) + " (" +
                                  found.meta->server.version + ")";
        status.observed.ha_enabled = ha_enabled(found.meta->ha_config);
        if (status.observed.ha_enabled) status.before.ha_config = found.meta->ha_config;
    }
}

}  // namespace oms::upgrade
