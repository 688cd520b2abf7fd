#pragma once

#include "fakes/mishap.hpp"
#include "metadb/backups.hpp"
#include "metadb/meta_db.hpp"
#include "runtime/host.hpp"
#include "upgrade/tools.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace oms::fakes {

/// How the OMS of this world behaves.
struct Nature {
    bool never_healthy = false;          // the new one, after its script
    bool breaks_after_downtime = false;  // the new one, as soon as HA is on again
    int script_exit = 0;                 // of docker_upgrade.sh, or docker_init.sh
    bool init_hides_failure = false;     // docker_init.sh ends with 0, half done
    int jar_exit = 0;
    bool script_hangs = false;
    int component_exit = 0;  // of support_upgrade_action.sh
    bool component_script_hangs = false;
    std::string assistant_architecture = "amd64";
    int looks_to_start = 3;   // until CM and Supervisor of a container are up
    int looks_of_script = 4;  // until it ends
    bool meta_db_unreachable = false;
    bool image_is_oms = true;
    bool is_of_old_oat = false;        // so that the new one reads the joint keys, and no others
    bool console_is_up_early = false;  // the new console comes up before the scripts, until stopped
    std::optional<std::size_t> only_on;  // the node that is never healthy, or whose script fails
};

/// Docker hosts, one MetaDB and a second one for a cm database of its own, one disk and one OMS in
/// memory: enough to be upgraded, and as unforgiving as the real ones. What must never happen
/// leaves a line in `damage`.
///
/// Containers, images and files of the first host go by their names, those of the next ones by
/// "n1/oms_430".
class World final : public upgrade::Outside {
public:
    World();

    /// Makes it an OMS 3.4.0, with two migration tasks that are both called orders.
    void become_old();

    /// Makes it an OMS 4.2.5-CE, whose MetaDB may not say so.
    void become_community(bool says_version);

    /// Gives its console a certificate (fakes/certificates.hpp).
    void become_https();
    /// Makes it four nodes in two regions: 10.0.0.1 and .2 with the heartbeat database oms_cm_hb,
    /// 10.0.0.3 and .4 with oms_cm_hb_b.
    void become_large();

    /// Makes it separated: 10.0.0.1 is management, 10.0.0.2 holds the components.
    void become_separated();

    Nature nature;
    Fuse fuse;
    Time now{std::chrono::seconds{1'700'000'000}};

    std::map<std::string, runtime::Container, std::less<>> containers;
    std::map<std::string, runtime::Image, std::less<>> images;
    std::map<std::string, std::string> files;          // on the host, by path
    std::map<std::string, std::string> databases;      // content of each, as one text
    std::map<std::string, std::string> far_databases;  // the same of the second server
    std::set<std::string> strangers;                   // databases there that are somebody's
    std::vector<std::string> bound;                    // what names its database
    std::string console_rows = "[]";                   // of ListProjects, on the page of MIGRATION
    std::string console_steps = "[]";                  // of DescribeProjectSteps
    int console_status = 200;
    int console_calls = 0;
    std::map<std::string, metadb::HeartbeatTables> heartbeats;
    std::set<std::string> missing_tables;      // "oms_cm.host"
    std::map<std::string, std::string> tasks;  // names by id, in the rm database of an old OMS
    std::optional<std::string> ha;             // kept in the rm database
    std::map<std::string, std::string> dumps;  // on the operator's disk, by database
    std::map<std::string, std::string> kept;   // and small files
    std::vector<std::string> damage;
    int interruptions = 0;  // of the tasks in a component container

    /// The endpoint of each node, as the pinned spec of the run names them: "tcp://10.0.0.2:2376",
    /// and anything else for 10.0.0.1. Nobody reaches a node that is not among them.
    std::vector<std::string> endpoints{"unix:///var/run/docker.sock"};

    runtime::Host& host(std::size_t node) override;
    metadb::MetaDb& rm() override;
    metadb::MetaDb& cm() override;
    metadb::MetaDb& separate_cm() override;
    MetaEndpoint separate_cm_endpoint() override;
    metadb::Backups& backups() override;
    std::optional<std::uint64_t> file_size(const std::string& path) override;
    std::optional<runtime::RegistryLogin> registry_login() override { return std::nullopt; }
    runtime::ImageArchive image_archive(const std::string& path) override;
    std::optional<std::string> http_get(const std::string& url,
                                        const std::string& certificate) override;
    upgrade::ConsoleAnswer console_call(const upgrade::ConsoleCall&) override;
    void wait(std::chrono::milliseconds time, std::stop_token) override { now += time; }
    void at_once(const upgrade::Jobs&) override;

    /// Lets a little time pass and the world move on by one notch. Every look does.
    void tick();

    /// An OMS container that runs, if one does.
    std::optional<std::string> running() const;

    /// The same of those that hold the management.
    std::optional<std::string> managing() const;
    bool healthy() const;  // every node is
    bool healthy(std::size_t node) const;

    /// Everything that must be as before when an upgrade was taken back, as one text.
    std::string fingerprint() const;

private:
    class FakeHost;
    class FakeMetaDb;
    class FakeBackups;

    friend class FakeHost;
    friend class FakeMetaDb;
    friend class FakeBackups;

    /// How a node calls what is its own.
    static std::string key(std::size_t node, std::string_view name);

    bool is_new(const runtime::Container&) const;
    bool is_component(std::size_t node) const { return separated_ && node == 1; }
    bool is_healthy_component(const runtime::Container&, bool up) const;
    void run_component_script(std::size_t node, const std::string& folder);
    void let_tools_end();
    const runtime::Container* running_on(std::size_t node) const;
    std::string new_image() const;
    std::string schema() const;
    bool says_version() const;
    bool init_is_complete() const;
    bool cm_is_far() const;
    std::map<std::string, std::string>& cm_place();
    std::string heartbeat_of(std::size_t node) const;
    bool script_has_run(std::size_t node) const;  // in its region
    bool fails(std::size_t node) const;
    void become(const std::string& version);
    void check_rules();
    void run_script(std::size_t node, const std::vector<std::string>& words);
    void begin_script(const std::vector<std::string>& words);
    void end_script();
    int runs_of(const std::string& what) const;
    void release_console(std::size_t node, const std::string& container);
    bool shares_names() const;
    bool console_runs_early(const std::string& container) const;

    std::vector<std::shared_ptr<FakeHost>> hosts_;
    std::shared_ptr<FakeMetaDb> meta_;
    std::shared_ptr<FakeMetaDb> far_;
    std::shared_ptr<FakeBackups> backups_;

    std::map<std::string, int> looks_since_start_;
    std::map<std::string, std::string> journal_;  // files of jobs, in the logs mount
    std::optional<int> script_left_;              // looks until the script ends
    std::string script_folder_;
    std::string script_;  // the one that runs: jar, add_resource, upgrade
    std::size_t script_node_ = 0;
    std::vector<std::pair<std::string, std::size_t>> was_run_;  // since MetaDB was last put back
    std::string source_ = "4.3.0";
    std::string target_ = "4.3.1";
    bool is_community_ = false;
    std::set<std::string> consoles_stopped_;   // of containers, by key
    std::set<std::string> consoles_released_;  // that their ini file starts
    std::size_t regions_ = 1;                  // of as many nodes each
    bool separated_ = false;
    std::set<std::string> upgraded_;  // ids of component containers that are new inside
    std::set<std::string> payloads_;  // folders on hosts that hold the tool's files
    int containers_made_ = 0;
};

}  // namespace oms::fakes
