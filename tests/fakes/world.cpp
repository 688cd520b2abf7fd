#include "fakes/world.hpp"

#include "fakes/certificates.hpp"
#include "oms/ha.hpp"
#include "oms/names.hpp"

#include <algorithm>
#include <set>
#include <sstream>

namespace oms::fakes {
namespace {

using namespace std::chrono_literals;

constexpr auto kHostConfig = "/data/config.yaml";
constexpr auto kOld = "oms_430";
constexpr auto kNewOfCommunity = "oms:feature_4.2.11_ce";
constexpr auto kNew = "oms:feature_4.3.1";
constexpr auto kArchive = "/packages/oms_431.tar";
constexpr auto kInitFlagPath = "/root/init_flag.txt";
constexpr auto kToolImage = "oms-tools:4.3.1";
constexpr auto kToolArchive = "/packages/tools.tar";

constexpr auto kConfig = R"("cm_location": "2"
"cm_nodes":
  - "10.0.0.1"
"cm_region": "cn-hangzhou"
"cm_url": "http://10.0.0.1:8088"
"drc_cm_db": "oms_cm"
"drc_cm_heartbeat_db": "oms_cm_hb"
"drc_rm_db": "oms_rm"
"oms_meta_host": "10.0.0.3"  # kept by hand
"oms_meta_password": "ob_password"
"oms_meta_port": "2883"
"oms_meta_user": "oms_meta_user"
)";

constexpr auto kFarHost = "10.0.0.9";
/// config.yaml of a node: the one above, or with its region, addresses and heartbeat database.
std::string config_of(std::size_t node, bool large) {
    if (!large) return kConfig;
    const bool second = node >= 2;
    std::string text = kConfig;
    const auto put = [&](const std::string& old, const std::string& now) {
        text.replace(text.find(old), old.size(), now);
    };
    put("  - \"10.0.0.1\"\n",
        second ? "  - \"10.0.0.3\"\n  - \"10.0.0.4\"\n" : "  - \"10.0.0.1\"\n  - \"10.0.0.2\"\n");
    if (!second) return text;
    put("\"cm_location\": \"2\"", "\"cm_location\": \"3\"\n\"cm_is_default\": \"false\"");
    put("cn-hangzhou", "cn-beijing");
    put("10.0.0.1:8088", "10.0.0.3:8088");
    put("oms_cm_hb", "oms_cm_hb_b");
    return text;
}

std::string ip_of(std::size_t node) {
    return "10.0.0." + std::to_string(node + 1);
}

constexpr auto kHa =
    R"({"enable": true, "enableStore":true, "refetchStoreIntervalMin": 30, "x": 1})";

/// "4.3.0" of "rm 4.3.0 projects".
std::string second_word(const std::string& content) {
    std::istringstream words(content);
    std::string word;
    words >> word >> word;
    return word;
}

/// A dump's digest of a content; any function that tells contents apart does.
std::string digest(const std::string& content) {
    return std::to_string(content.size()) + content;
}

}  // namespace

class World::FakeHost final : public runtime::Host {
public:
    FakeHost(World& world, std::size_t node) : world_(world), node_(node) {}

    runtime::HostInfo info() const override {
        world_.tick();
        return {.name = "host", .engine = "Docker 20.10.24", .architecture = "amd64"};
    }

    std::optional<runtime::Container> find_container(std::string_view name) const override {
        world_.tick();
        const auto at = world_.containers.find(mine(name));
        if (at == world_.containers.end()) return std::nullopt;
        return at->second;
    }

    std::vector<runtime::Container> containers() const override {
        world_.tick();
        std::vector<runtime::Container> all;
        for (const auto& [name, container] : world_.containers)
            if (name == mine(container.name)) all.push_back(container);
        return all;
    }

    std::optional<runtime::Image> find_image(std::string_view name) const override {
        world_.tick();
        const auto at = world_.images.find(mine(name));
        if (at == world_.images.end()) return std::nullopt;
        return at->second;
    }

    std::optional<bool> image_holds(std::string_view name, std::string_view) const override {
        if (!find_image(name)) return std::nullopt;
        return world_.nature.image_is_oms;
    }

    std::optional<std::string> read_file(std::string_view container,
                                         std::string_view path,
                                         std::size_t) const override {
        world_.tick();
        const std::string owner = mine(container);
        const auto inside = world_.containers.find(owner);
        if (inside == world_.containers.end()) return std::nullopt;
        if (path == kConsoleIni) {
            const bool held =
                world_.is_new(inside->second) && !world_.consoles_released_.contains(owner);
            return std::string("[program:oms_console]\nautostart = ") +
                   (held ? "false\n" : "true\n");
        }
        if (path == std::string(kComponentScriptFolder) + "/" + std::string(kComponentScript)) {
            if (!world_.payloads_.contains(mine("/data/oms/oms_run/rpm"))) return std::nullopt;
            return "the script";
        }
        for (const auto& mount : inside->second.mounts)
            if (mount.target == path) return found_in(world_.files, mine(mount.source));
        return found_in(world_.journal_, mine(path));
    }

    std::optional<std::string> read_host_file(std::string_view,
                                              std::string_view path,
                                              std::size_t) const override {
        world_.tick();
        return found_in(world_.files, mine(path));
    }

    std::optional<runtime::Output> ask(std::string_view container,
                                       const std::vector<std::string>& command,
                                       std::chrono::milliseconds) const override {
        world_.tick();
        const auto at = world_.containers.find(mine(container));
        if (at == world_.containers.end() || !at->second.running) return std::nullopt;
        if (command.front() == "supervisorctl") return status_of(at->first);
        if (command.front() == "test") return runtime::Output{};
        const bool runs = world_.script_left_ && world_.script_node_ == node_;
        if (command.front() == "sh") return runtime::Output{.exit_code = runs ? 0 : 1};
        return runtime::Output{.exit_code = 0, .out = "the last words\n"};
    }

    bool image_is_used(std::string_view name) const override {
        world_.tick();
        for (const auto& [where, container] : world_.containers)
            if (where == mine(container.name) && container.image == name) return true;
        return false;
    }

    void load_image(const std::filesystem::path& archive,
                    const ReportProgress&,
                    std::stop_token) override {
        world_.fuse.guard("load", [&] {
            if (archive == kToolArchive) {
                world_.images[mine(kToolImage)] = {
                    .id = "sha256:tool",
                    .tags = {kToolImage},
                    .architecture = world_.nature.assistant_architecture};
                return;
            }
            world_.images[mine(world_.new_image())] = {
                .id = "sha256:new", .tags = {world_.new_image()}, .architecture = "amd64"};
        });
    }

    void pull_image(std::string_view,
                    const std::optional<runtime::RegistryLogin>&,
                    const ReportProgress& report,
                    std::stop_token stop) override {
        load_image({}, report, stop);
    }

    void set_restart_policy(std::string_view name, const runtime::RestartPolicy& policy) override {
        world_.fuse.guard("restart policy", [&] { at(name).restart = policy; });
    }

    void stop(std::string_view name, std::chrono::seconds, std::stop_token) override {
        world_.fuse.guard("stop", [&] {
            runtime::Container& container = at(name);
            if (!container.running) return;
            if (world_.is_component(node_) && container.name == kOld) ++world_.interruptions;
            container.running = false;
            container.state = "exited";
            container.finished_at = world_.now;
            if (world_.script_node_ == node_) world_.script_left_.reset();
        });
    }

    void start(std::string_view name) override {
        world_.fuse.guard("start", [&] {
            runtime::Container& container = at(name);
            if (container.running) return;
            container.running = true;
            container.state = "running";
            container.started_at = world_.now;
            world_.looks_since_start_[mine(name)] = 0;
        });
    }

    void create(const runtime::Successor& wanted) override {
        world_.fuse.guard("create", [&] {
            const std::string made_key = mine(wanted.name);
            if (world_.containers.contains(made_key)) throw Terminal("the name is taken");
            runtime::Container made = at(wanted.of);
            made.id = "id of " + wanted.name + std::to_string(++world_.containers_made_);
            made.name = wanted.name;
            made.image = wanted.image;
            made.image_id = wanted.image == world_.new_image() ? "sha256:new" : "sha256:old";
            made.state = "created";
            made.running = false;
            made.started_at.reset();
            made.finished_at.reset();
            made.restart = wanted.restart;
            made.mounts.insert(made.mounts.end(), wanted.mounts.begin(), wanted.mounts.end());
            world_.journal_.erase(mine(kInitFlagPath));
            for (const auto& [key, value] : wanted.environment) made.environment[key] = value;
            for (const auto& [key, value] : wanted.labels) made.labels[key] = value;
            world_.containers[made_key] = made;
            world_.consoles_released_.erase(made_key);
            world_.consoles_stopped_.erase(made_key);
        });
    }

    void create(const runtime::Helper& wanted) override {
        world_.fuse.guard("create helper", [&] {
            const std::string made_key = mine(wanted.name);
            if (world_.containers.contains(made_key)) return;
            if (!world_.images.contains(mine(wanted.image))) throw Terminal("no such image");
            world_.containers[made_key] = {
                .id = "id of " + wanted.name + std::to_string(++world_.containers_made_),
                .name = wanted.name,
                .image = wanted.image,
                .state = "created",
                .mounts = {wanted.bind},
                .labels = wanted.labels};
        });
    }

    void rename(std::string_view name, std::string_view wanted) override {
        world_.fuse.guard("rename container", [&] {
            if (!world_.containers.contains(mine(name))) return;
            auto node = world_.containers.extract(mine(name));
            node.mapped().name = wanted;
            node.key() = mine(wanted);
            world_.containers.insert(std::move(node));
        });
    }

    void remove_image(std::string_view reference) override {
        world_.fuse.guard("remove image", [&] {
            if (image_is_used(reference)) throw Terminal("it is used");
            world_.images.erase(mine(reference));
        });
    }

    void remove(std::string_view name) override {
        world_.fuse.guard("remove", [&] {
            const auto there = world_.containers.find(mine(name));
            if (there == world_.containers.end()) return;
            if (there->second.running) throw Terminal("it runs");
            world_.containers.erase(there);
        });
    }

    void replace_file(std::string_view,
                      std::string_view,
                      std::string_view content,
                      std::string_view suffix) override {
        const std::string live = mine(kHostConfig);
        const auto keep = [&] {
            world_.files.try_emplace(live + std::string(suffix), world_.files[live]);
        };
        world_.fuse.guard(
            "replace",
            [&] {
                keep();
                world_.files[live] = content;
            },
            keep);
    }

    void launch(std::string_view name, const std::vector<std::string>& words) override {
        world_.fuse.guard("launch", [&] {
            if (!at(name).running) throw Terminal("it does not run");
            if (words.front() == "supervisorctl")
                world_.consoles_stopped_.insert(mine(name));
            else if (words.size() == 3)
                world_.release_console(node_, mine(name));
            else
                world_.run_script(node_, words);
        });
    }

private:
    static std::optional<std::string> found_in(const std::map<std::string, std::string>& all,
                                               const std::string& name) {
        const auto at = all.find(name);
        if (at == all.end()) return std::nullopt;
        return at->second;
    }

    std::string mine(std::string_view name) const { return key(node_, name); }

    runtime::Container& at(std::string_view name) const {
        const auto found = world_.containers.find(mine(name));
        if (found == world_.containers.end())
            throw Terminal("no such container: " + std::string(name));
        return found->second;
    }

    runtime::Output status_of(const std::string& name) const {
        const bool up = world_.looks_since_start_[name] >= world_.nature.looks_to_start;
        const bool all = up && world_.healthy(node_);
        std::string text;
        for (const auto program : kPrograms) {
            if (world_.is_component(node_) && program != kSupervisorProgram && program != "sshd")
                continue;
            const bool base = program == kCmProgram || program == kSupervisorProgram;
            const bool early = program == kConsoleProgram && world_.console_runs_early(name);
            const bool runs = all || (up && (base || early));
            text += std::string(program) + (runs ? " RUNNING pid 1\n" : " STOPPED\n");
        }
        return {.exit_code = all ? 0 : 3, .out = text};
    }

    World& world_;
    std::size_t node_;
};

class World::FakeMetaDb final : public metadb::MetaDb {
public:
    FakeMetaDb(World& world, std::map<std::string, std::string>& databases)
        : world_(world), databases_(databases) {}

    metadb::ServerInfo info() const override {
        look();
        return {.version = "5.7.25-OceanBase", .is_oceanbase = true, .time_zone = "+08:00"};
    }
    bool has_database(const std::string& name) const override {
        look();
        return databases_.contains(name);
    }
    bool has_table(const std::string& database, const std::string& table) const override {
        look();
        return !world_.missing_tables.contains(database + "." + table) && !is_empty(database);
    }
    bool is_empty(const std::string& name) const override {
        look();
        return world_.databases.at(name).empty();
    }
    std::vector<std::string> missing_rights(const std::string&) const override { return {}; }
    std::uint64_t estimate_bytes(const std::string&) const override { return 1U << 20U; }
    std::optional<std::string> ha_config(const std::string&) const override {
        look();
        return world_.ha;
    }
    std::optional<std::string> oms_version(const std::string& rm) const override {
        look();
        const std::string version = second_word(world_.databases.at(rm));
        if (!world_.says_version()) return std::nullopt;
        return version + (world_.is_community_ ? "-CE" : "");
    }
    metadb::HeartbeatTables heartbeat_tables(const std::string& name) const override {
        look();
        return world_.heartbeats.at(name);
    }
    std::vector<metadb::HostRow> hosts(const std::string&) const override {
        look();
        std::vector<metadb::HostRow> rows;
        for (std::size_t node = 0; node < world_.hosts_.size(); ++node)
            rows.push_back({ip_of(node), world_.healthy(node) ? "ONLINE" : "OFFLINE"});
        return rows;
    }
    std::vector<metadb::Beat> supervisor_beats(const std::string& database) const override {
        look();
        std::vector<metadb::Beat> beats;
        for (std::size_t node = 0; node < world_.hosts_.size(); ++node) {
            if (world_.heartbeat_of(node) == database)
                beats.push_back({ip_of(node), world_.running_on(node) != nullptr ? 1s : 3600s});
        }
        return beats;
    }
    std::vector<SharedName> shared_task_names(const std::string&) const override {
        look();
        std::map<std::string, std::vector<Task>> by_name;
        for (const auto& [id, name] : world_.tasks) by_name[name].push_back({id, name});
        std::vector<SharedName> shared;
        for (const auto& [name, tasks] : by_name)
            if (tasks.size() > 1) shared.push_back({.length_max = 64, .tasks = tasks});
        return shared;
    }
    std::optional<std::string> task_name(const std::string&,
                                         TaskKind,
                                         const std::string& id) const override {
        look();
        const auto at = world_.tasks.find(id);
        if (at == world_.tasks.end()) return std::nullopt;
        return at->second;
    }
    std::vector<std::string> black_region_jobs(const std::string&,
                                               const std::vector<int>&) const override {
        look();
        return {};
    }
    void rename_task(const std::string&,
                     TaskKind,
                     const std::string& id,
                     const std::string& from,
                     const std::string& to) override {
        world_.fuse.guard("rename", [&] {
            if (world_.running()) world_.damage.push_back("renamed under a live OMS");
            if (world_.tasks.at(id) == from) world_.tasks.at(id) = to;
        });
    }
    void record_oms_version(const std::string& rm, const std::string& version) override {
        world_.fuse.guard("record version", [&] {
            if (world_.dumps.empty()) world_.damage.push_back("a version written before the dump");
            const std::string known = second_word(world_.databases.at(rm));
            if (version != known + "-CE")
                world_.damage.push_back("MetaDB was told that OMS was " + version);
            world_.databases.at(rm) = "rm " + known + " projects";
        });
    }
    std::vector<std::string> full_import_projects(const std::string&,
                                                  const std::string&) const override {
        return {};
    }
    std::vector<LiveTask> live_tasks(const std::string&, std::size_t) const override {
        look();
        std::vector<LiveTask> live;
        for (const auto& [id, name] : world_.tasks)
            live.push_back({.id = id, .name = name, .status = "RUNNING"});
        return live;
    }
    std::vector<std::string> bound_to_name(const std::string&) const override {
        look();
        return world_.bound;
    }
    std::optional<std::string> first_difference(const metadb::DumpManifest& dump,
                                                const ReportProgress&,
                                                std::stop_token) const override {
        look();
        if (!databases_.contains(dump.database)) return "the database is missing";
        if (digest(content_of(dump.database)) == dump.sha256) return std::nullopt;
        return "its content differs";
    }

    bool swap_ha_config(const std::string&,
                        const std::string& expected,
                        const std::string& wanted) override {
        bool swapped = false;
        world_.fuse.guard("ha", [&] {
            swapped = world_.ha == expected;
            if (swapped) world_.ha = wanted;
        });
        return swapped;
    }

    void run(const std::string& name, metadb::HeartbeatStatement statement) override {
        world_.fuse.guard("heartbeat", [&] { carry_out(world_.heartbeats.at(name), statement); });
    }

    void dump(const std::vector<std::string>& names,
              const std::filesystem::path&,
              const metadb::DumpOptions&,
              const ReportProgress&,
              std::stop_token) override {
        const auto one = [&](const std::string& name) {
            if (world_.managing()) world_.damage.push_back("dumped under a live OMS");
            world_.dumps.try_emplace(name, content_of(name));
        };
        world_.fuse.guard(
            "dump",
            [&] { std::for_each(names.begin(), names.end(), one); },
            [&] { one(names.front()); });
    }

    void restore(const std::vector<metadb::DumpManifest>& dumps,
                 const std::filesystem::path&,
                 const ReportProgress&,
                 std::stop_token) override {
        if (world_.running()) world_.damage.push_back("restored under a live OMS");
        const auto drop_all = [&] {
            for (const auto& dump : dumps) forget(dump.database);
        };
        world_.fuse.guard(
            "restore",
            [&] {
                drop_all();
                for (const auto& dump : dumps) load(dump);
            },
            drop_all);
    }

    void drop(const std::string& name) override {
        if (world_.running()) world_.damage.push_back("dropped under a live OMS");
        world_.fuse.guard("drop", [&] { forget(name); });
    }

    /// What a dump of the database holds: tables, the heartbeat sequence and ha.config among them.
    std::string content_of(const std::string& name) const {
        std::string content = databases_.at(name);
        if (name != "oms_rm") return content;
        content += "|" + world_.ha.value_or("") + "|";
        for (const auto& [id, task] : world_.tasks) content += id + "=" + task + ";";
        return content;
    }

private:
    void look() const {
        world_.tick();
        if (world_.nature.meta_db_unreachable) throw Transient("MetaDB: connection refused");
    }

    void forget(const std::string& name) {
        const bool is_far = &databases_ == &world_.far_databases;
        if (is_far && world_.strangers.contains(name)) world_.damage.push_back("dropped " + name);
        databases_.erase(name);
    }

    void load(const metadb::DumpManifest& dump) {
        const std::string from = dump.file.substr(0, dump.file.find('.'));
        const std::string& content = world_.dumps.at(from);
        const std::size_t bar = content.find('|');
        databases_[dump.database] = content.substr(0, bar);
        if (from == "oms_cm") world_.was_run_.clear();
        if (bar == std::string::npos) return;
        const std::size_t second = content.find('|', bar + 1);
        world_.ha = content.substr(bar + 1, second - bar - 1);
        world_.tasks.clear();
        std::istringstream rows(content.substr(second + 1));
        for (std::string row; std::getline(rows, row, ';');)
            world_.tasks[row.substr(0, row.find('='))] = row.substr(row.find('=') + 1);
    }

    static void carry_out(metadb::HeartbeatTables& tables, metadb::HeartbeatStatement statement) {
        using S = metadb::HeartbeatStatement;
        if (statement == S::CreateCopy && !tables.copy) tables.copy.emplace();
        if (statement == S::FillCopy) tables.copy = {{1, tables.sequence.value().newest_id}};
        if (statement == S::CreateCopy || statement == S::FillCopy) return;
        if (statement == S::MoveOriginalAside) std::swap(tables.aside, tables.sequence);
        if (statement == S::MoveCopyIn) std::swap(tables.sequence, tables.copy);
        if (statement == S::DropOriginal) tables.aside.reset();
    }

    World& world_;
    std::map<std::string, std::string>& databases_;
};

class World::FakeBackups final : public metadb::Backups {
public:
    explicit FakeBackups(World& world) : world_(world) {}

    std::filesystem::path folder() const override { return "/backup"; }
    std::uint64_t free_bytes() const override { return 1ULL << 40U; }

    std::optional<metadb::DumpManifest> find(const std::string& database, bool) const override {
        world_.tick();
        const auto at = world_.dumps.find(database);
        if (at == world_.dumps.end()) return std::nullopt;
        return metadb::DumpManifest{.database = database,
                                    .file = database + ".sql.zst",
                                    .bytes = at->second.size(),
                                    .sha256 = digest(at->second)};
    }

    std::optional<std::string> read(const std::string& name) const override {
        world_.tick();
        const auto at = world_.kept.find(name);
        if (at == world_.kept.end()) return std::nullopt;
        return at->second;
    }

    void keep(const std::string& name, const std::string& content) override {
        world_.fuse.guard("keep", [&] { world_.kept[name] = content; });
    }

private:
    World& world_;
};

World::World()
    : hosts_{std::make_shared<FakeHost>(*this, 0)},
      meta_(std::make_shared<FakeMetaDb>(*this, databases)),
      far_(std::make_shared<FakeMetaDb>(*this, far_databases)),
      backups_(std::make_shared<FakeBackups>(*this)) {
    fuse.time_goes = [this] { now += 10s; };
    runtime::Container old{.id = "id of oms_430",
                           .name = kOld,
                           .image = "oms:feature_4.3.0",
                           .image_id = "sha256:old",
                           .state = "running",
                           .running = true,
                           .started_at = now - 24h,
                           .environment = {{"OMS_HOST_IP", "10.0.0.1"}},
                           .restart = {.name = "always"},
                           .host_network = true,
                           .privileged = true};
    old.mounts = {{kHostConfig, std::string(kConfigPath)},
                  {"/data/oms/oms_logs", std::string(kLogsPath)},
                  {"/data/oms/oms_store", std::string(kStorePath)},
                  {"/data/oms/oms_run", std::string(kRunPath)}};
    looks_since_start_[kOld] = 1000;
    containers[kOld] = old;
    files[kHostConfig] = kConfig;
    files[kArchive] = "an archive";
    databases = {{"oms_rm", ""}, {"oms_cm", ""}, {"oms_cm_hb", ""}};
    become(source_);
    heartbeats["oms_cm_hb"].sequence = {3, 4711};
    ha = kHa;
}

void World::become_old() {
    source_ = "3.4.0";
    for (std::size_t node = 0; node < hosts_.size(); ++node)
        containers.at(key(node, kOld)).image = "oms:feature_3.4.0";
    become(source_);
    tasks = {{"p_1", "orders"}, {"p_2", "orders"}, {"p_3", "payments"}};
}

void World::become_community(bool says_version) {
    is_community_ = true;
    source_ = "4.2.5";
    target_ = "4.2.11";
    containers.at(kOld).image = "oms:feature_4.2.5_ce";
    become(source_);
    if (!says_version) databases.at("oms_rm") = "rm 4.2.5 silent";
}

void World::become_https() {
    files["/data/oms.crt"] = kCertificate;
    files["/data/oms.key"] = kKey;
    auto& mounts = containers.at(kOld).mounts;
    mounts.push_back({"/data/oms.crt", std::string(kHttpsCertificatePath)});
    mounts.push_back({"/data/oms.key", std::string(kHttpsKeyPath)});
}

void World::become_large() {
    regions_ = 2;
    files[kHostConfig] = config_of(0, true);
    for (std::size_t node = 1; node < 4; ++node) {
        hosts_.push_back(std::make_shared<FakeHost>(*this, node));
        runtime::Container more = containers.at(kOld);
        more.environment["OMS_HOST_IP"] = ip_of(node);
        looks_since_start_[key(node, kOld)] = 1000;
        containers[key(node, kOld)] = more;
        files[key(node, kHostConfig)] = config_of(node, true);
    }
    databases["oms_cm_hb_b"] = "";
    become(source_);
    heartbeats["oms_cm_hb_b"].sequence = {2, 815};
}

void World::become_separated() {
    separated_ = true;
    std::string config = kConfig;
    const std::string first = "  - \"10.0.0.1\"\n";
    config.replace(config.find(first), first.size(), first + "  - \"10.0.0.2\"\n");
    files[kHostConfig] = config;
    hosts_.push_back(std::make_shared<FakeHost>(*this, 1));
    runtime::Container more = containers.at(kOld);
    more.id = "id of the component's oms_430";
    more.environment["OMS_HOST_IP"] = ip_of(1);
    looks_since_start_[key(1, kOld)] = 1000;
    containers[key(1, kOld)] = more;
    files[key(1, kHostConfig)] = config;
    files[kToolArchive] = "an archive";
}

std::string World::key(std::size_t node, std::string_view name) {
    return (node == 0 ? "" : "n" + std::to_string(node) + "/") + std::string(name);
}

runtime::Host& World::host(std::size_t node) {
    const std::string& endpoint = endpoints.at(node);
    for (std::size_t one = 1; one < hosts_.size(); ++one)
        if (endpoint == "tcp://" + ip_of(one) + ":2376") return *hosts_[one];
    if (endpoint.starts_with("tcp://")) throw Terminal("nobody answers at " + endpoint);
    return *hosts_.front();
}
metadb::MetaDb& World::rm() {
    return *meta_;
}
metadb::MetaDb& World::cm() {
    return *meta_;
}
metadb::MetaDb& World::separate_cm() {
    return *far_;
}
MetaEndpoint World::separate_cm_endpoint() {
    return {.host = kFarHost, .port = 2883, .user = "cm", .password = Secret("cm_password")};
}
metadb::Backups& World::backups() {
    return *backups_;
}

std::optional<std::uint64_t> World::file_size(const std::string& path) {
    const auto at = files.find(path);
    if (at == files.end()) return std::nullopt;
    return at->second.size();
}

runtime::ImageArchive World::image_archive(const std::string&) {
    return {.images = {{.tags = {new_image()}, .architecture = "amd64"}}};
}

std::optional<std::string> World::http_get(const std::string& url, const std::string& certificate) {
    tick();
    for (std::size_t node = 0; node < hosts_.size(); ++node) {
        if (!healthy(node)) continue;
        std::string shown;
        for (const auto& mount : running_on(node)->mounts)
            if (mount.target == kHttpsCertificatePath) shown = files.at(key(node, mount.source));
        const std::string scheme = shown.empty() ? "http://" : "https://";
        if (url == scheme + ip_of(node) + ":8089/oms/health" && certificate == shown)
            return R"({"data":{"healthy":true}})";
    }
    return std::nullopt;
}

void World::tick() {
    now += 200ms;
    for (auto& [name, looks] : looks_since_start_) ++looks;
    let_tools_end();
    if (script_left_ && !nature.script_hangs && --*script_left_ <= 0) end_script();
    check_rules();
}

bool World::is_new(const runtime::Container& container) const {
    return container.image == new_image() || upgraded_.contains(container.id);
}

/// The assistant tool takes one look to put its files in place.
void World::let_tools_end() {
    for (auto& [name, container] : containers) {
        if (container.image != kToolImage || !container.running) continue;
        payloads_.insert(name.substr(0, name.size() - container.name.size()) +
                         container.mounts.front().source);
        container.running = false;
        container.state = "exited";
        container.finished_at = now;
    }
}

std::string World::new_image() const {
    return is_community_ ? kNewOfCommunity : kNew;
}

bool World::says_version() const {
    const std::string& rm = databases.at("oms_rm");
    return second_word(rm) != "3.4.0" && !rm.ends_with("silent");
}

bool World::init_is_complete() const {
    return says_version() && !nature.init_hides_failure && nature.script_exit == 0;
}

bool World::cm_is_far() const {
    return files.at(kHostConfig).find(kFarHost) != std::string::npos;
}

/// Of the cm database that config.yaml names.
std::string World::schema() const {
    const auto& place = cm_is_far() ? far_databases : databases;
    const auto at = place.find("oms_cm");
    return at == place.end() ? "" : second_word(at->second);
}

std::map<std::string, std::string>& World::cm_place() {
    return cm_is_far() ? far_databases : databases;
}

upgrade::ConsoleAnswer World::console_call(const upgrade::ConsoleCall& call) {
    tick();
    ++console_calls;
    if (console_status != 200) return {.status = console_status, .body = "{}"};
    const auto says = [](const std::string& data) {
        return upgrade::ConsoleAnswer{200, R"({"success":true,"data":)" + data + "}"};
    };
    if (call.url.find("/progress") != std::string::npos) {
        return says(R"({"status":"RUNNING","enableFullMigration":true,"enableIncrSync":true,)"
                    R"("enableReverseIncrSync":false,"currentStep":"INCR_SYNC"})");
    }
    if (call.url.find("DescribeProjectSteps") != std::string::npos) return says(console_steps);
    const bool first = call.body.find(R"("pageNumber":1,)") != std::string::npos &&
                       call.body.find("MIGRATION") != std::string::npos;
    return says(first ? console_rows : "[]");
}

std::string World::heartbeat_of(std::size_t node) const {
    return node < 2 ? "oms_cm_hb" : "oms_cm_hb_b";
}

bool World::script_has_run(std::size_t node) const {
    const auto& place = cm_is_far() ? far_databases : databases;
    const auto at = place.find(heartbeat_of(node));
    return at != place.end() && at->second == "hb " + target_;
}

bool World::fails(std::size_t node) const {
    return !nature.only_on || *nature.only_on == node;
}

std::optional<std::string> World::running() const {
    for (const auto& [name, container] : containers)
        if (container.running) return name;
    return std::nullopt;
}

std::optional<std::string> World::managing() const {
    for (const auto& [name, container] : containers) {
        const bool component = separated_ && name.starts_with("n1/");
        if (container.running && !component && container.image != kToolImage) return name;
    }
    return std::nullopt;
}

const runtime::Container* World::running_on(std::size_t node) const {
    for (const auto& [name, container] : containers) {
        const bool here = container.running && name == key(node, container.name);
        if (here && container.image != kToolImage) return &container;
    }
    return nullptr;
}

bool World::healthy() const {
    for (std::size_t node = 0; node < hosts_.size(); ++node)
        if (!healthy(node)) return false;
    return true;
}

bool World::healthy(std::size_t node) const {
    const runtime::Container* container = running_on(node);
    if (container == nullptr) return false;
    const std::string name = key(node, container->name);
    const bool up = looks_since_start_.at(name) >= nature.looks_to_start;
    if (is_component(node)) return is_healthy_component(*container, up);
    const std::string& config = files.at(key(node, kHostConfig));
    const bool split = config.find("oms_rm_meta_host") != std::string::npos;
    if (!is_new(*container)) return up && !split && schema() == source_;
    if (nature.never_healthy && fails(node)) return false;
    const bool ready = schema() == target_ && script_has_run(node);
    const bool reads_joint_keys = is_community_ || nature.is_of_old_oat;
    if (!up || split == reads_joint_keys || !ready || !consoles_released_.contains(name))
        return false;
    return !(nature.breaks_after_downtime && ha && parse_ha(*ha).enable);
}

/// Components of the new version work with either schema: they are upgraded before the management.
bool World::is_healthy_component(const runtime::Container& container, bool up) const {
    if (is_new(container) && nature.never_healthy && fails(1)) return false;
    return up && (is_new(container) || schema() == source_);
}

void World::check_rules() {
    const auto note = [&](const std::string& what) {
        if (std::find(damage.begin(), damage.end(), what) == damage.end()) damage.push_back(what);
    };
    bool old_runs = false;
    bool new_runs = false;
    for (const auto& [name, container] : containers) {
        if (!container.running || container.image == kToolImage) continue;
        // New components beside the old management are what the procedure asks for.
        if (separated_ && name.starts_with("n1/") && upgraded_.contains(container.id)) continue;
        (is_new(container) ? new_runs : old_runs) = true;
    }
    if (old_runs && new_runs) note("two versions ran on one MetaDB");
    for (std::size_t node = 0; node < hosts_.size(); ++node) {
        const bool silent = running_on(node) == nullptr;
        if (silent && ha && parse_ha(*ha).enable) note("HA was on while OMS was stopped");
        const bool aside = std::any_of(containers.begin(), containers.end(), [&](const auto& one) {
            return one.first.starts_with(key(node, kOld) + ".touched-");
        });
        if (!containers.contains(key(node, kOld)) && !aside) note("the old container is gone");
    }
}

/// One after the other, so that a journey is the same each time. All are begun, whichever fails.
void World::at_once(const upgrade::Jobs& jobs) {
    std::exception_ptr first;
    for (const auto& job : jobs) {
        try {
            job();
        } catch (const std::exception&) {
            if (!first) first = std::current_exception();
        }
    }
    if (first) std::rethrow_exception(first);
}

bool World::shares_names() const {
    std::set<std::string> names;
    for (const auto& [id, name] : tasks) names.insert(name);
    return names.size() < tasks.size();
}

bool World::console_runs_early(const std::string& container) const {
    return nature.console_is_up_early && is_new(containers.at(container)) &&
           !consoles_stopped_.contains(container);
}

void World::release_console(std::size_t node, const std::string& container) {
    if (!script_has_run(node))
        damage.push_back("a console was started before the script of its region");
    consoles_released_.insert(container);
}

int World::runs_of(const std::string& what) const {
    return static_cast<int>(std::count_if(
        was_run_.begin(), was_run_.end(), [&](const auto& one) { return one.first == what; }));
}

/// The wrapper of runtime/job.cpp, as sh would run it: only the first claim goes on.
void World::run_script(std::size_t node, const std::vector<std::string>& words) {
    const std::string folder = key(node, words.at(4));
    if (!journal_.try_emplace(folder + "/begun", "7 " + words.at(5) + "\n").second) return;
    if (script_left_) damage.push_back("two scripts ran at once");
    script_folder_ = folder;
    script_node_ = node;
    script_left_ = nature.looks_of_script;
    const std::string& program = words.at(7);
    script_ = program == "python" ? "add_resource"
              : program == "sh"   ? "upgrade"
              : program == "bash" ? "init"
                                  : "jar";
    if (is_component(node)) return run_component_script(node, words.at(6));
    // The first of cm_nodes of each region.
    if (node % 2 != 0) damage.push_back(script_ + " ran on the node " + std::to_string(node));
    const std::pair<std::string, std::size_t> run{script_, node};
    if (std::find(was_run_.begin(), was_run_.end(), run) != was_run_.end())
        damage.push_back(script_ + " ran twice");
    begin_script(words);
    was_run_.push_back(run);
}

void World::run_component_script(std::size_t node, const std::string& folder) {
    script_ = "components";
    const runtime::Container* container = running_on(node);
    if (folder != kComponentScriptFolder) damage.push_back("the script ran in " + folder);
    if (!payloads_.contains(key(node, "/data/oms/oms_run/rpm")))
        damage.push_back("the script ran without its files");
    if (is_new(*container)) damage.push_back("components were upgraded twice");
    if (ha && parse_ha(*ha).enable) damage.push_back("HA was on while components were upgraded");
    upgraded_.insert(container->id);
    if (nature.component_script_hangs) script_left_ = 1'000'000;
}

void World::begin_script(const std::vector<std::string>& words) {
    const bool old = source_ == "3.4.0";
    const auto regions = static_cast<int>(regions_);
    const auto must_be = [&](const std::string& wanted) {
        if (schema() != wanted) damage.push_back(script_ + " ran on the schema " + schema());
    };
    if (script_ == "jar") {
        must_be(runs_of("jar") == 0 ? "3.4.0" : "3.4.?");
        const bool last = runs_of("jar") == regions - 1;
        if (words.back() != (last ? "-ltrue" : "-lfalse"))
            damage.push_back("the jar was told " + words.back());
        for (const auto& [name, container] : containers) {
            if (container.running && console_runs_early(name))
                damage.push_back("the jar ran beside a console");
        }
        cm_place()["oms_cm"] = "cm 3.4.? half";
    } else if (script_ == "add_resource") {
        must_be("4.0.1");
    } else if (script_ == "init") {
        must_be(runs_of("init") == 0 ? source_ : target_);
        if (says_version()) databases["oms_cm"] = "cm 4.2.? half";
    } else {
        if (is_community_) damage.push_back("docker_upgrade.sh ran in the Community Edition");
        const bool first = runs_of("upgrade") == 0;
        must_be(!first ? "4.3.1" : old ? "4.0.1" : "4.3.0");
        if (old && runs_of("add_resource") != regions) damage.push_back("no add_resource before");
        cm_place()["oms_cm"] = "cm 4.3.? half";
    }
}

void World::become(const std::string& version) {
    databases["oms_rm"] = "rm " + version + " projects";
    for (auto& [name, content] : cm_place()) {
        if (name == "oms_rm") continue;
        content = name == "oms_cm" ? "cm " + version + " hosts" : "hb " + version;
    }
}

void World::end_script() {
    script_left_.reset();
    int code = 0;
    if (script_ == "jar") code = shares_names() ? 1 : fails(script_node_) ? nature.jar_exit : 0;
    const bool upgrades = script_ == "upgrade" || script_ == "init";
    if (upgrades && fails(script_node_)) code = nature.script_exit;
    if (script_ == "components") code = nature.component_exit;
    const bool last_jar = script_ == "jar" && runs_of("jar") == static_cast<int>(regions_);
    if (code == 0 && last_jar) become("4.0.1");
    const bool complete = script_ != "init" || init_is_complete();
    if (code == 0 && upgrades && complete) {
        databases["oms_rm"] = "rm " + target_ + " projects";
        cm_place()["oms_cm"] = "cm " + target_ + " hosts";
        cm_place()[heartbeat_of(script_node_)] = "hb " + target_;
        for (const auto& [name, container] : containers) {
            if (is_new(container) && name == key(script_node_, container.name))
                consoles_released_.insert(name);
        }
    }
    if (script_ == "init") {
        if (complete) journal_[key(script_node_, kInitFlagPath)] = "2026-01-01\n";
        journal_[script_folder_ + "/log"] =
            complete ? "5. restart\n[Completed] All initialization steps are executed\n"
                     : "2. init-db\nERROR 1146\n";
    }
    journal_[script_folder_ + "/exit"] = std::to_string(code) + "\n";
}

std::string World::fingerprint() const {
    std::string text;
    for (const auto& [name, container] : containers)
        if (container.running || (!is_new(container) && container.image != kToolImage))
            text += name + " " + container.state + " " + container.restart.name + "\n";
    for (std::size_t node = 0; node < hosts_.size(); ++node)
        text += files.at(key(node, kHostConfig));
    for (const auto& [name, content] : databases) text += name + ": " + content + "\n";
    for (const auto& [name, content] : far_databases) text += "far " + name + ": " + content + "\n";
    for (const auto& [name, tables] : heartbeats)
        text += name + " " +
                (tables.sequence ? std::to_string(tables.sequence->newest_id) : "gone") +
                (tables.aside ? " aside" : "") + "\n";
    for (const auto& [id, name] : tasks) text += id + " " + name + "\n";
    return text + ha.value_or("no HA") + "\n";
}

}  // namespace oms::fakes
