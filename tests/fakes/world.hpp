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
    int script_exit = 0;                 // of docker_upgrade.sh
    int jar_exit = 0;
    bool script_hangs = false;
    int looks_to_start = 3;   // until CM and Supervisor of a container are up
    int looks_of_script = 4;  // until it ends
    bool meta_db_unreachable = false;
    bool image_is_oms = true;
    bool console_is_up_early = false;  // the new console comes up before the scripts, until stopped
};

/// One Docker host, one MetaDB and a second one for a cm database of its own, one disk and one OMS
/// in memory: enough to be upgraded, and as unforgiving as the real ones. What must never happen
/// leaves a line in `damage`.
class World final : public upgrade::Outside {
public:
    World();

    /// Makes it an OMS 3.4.0, with two migration tasks that are both called orders.
    void become_old();

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
    std::map<std::string, std::string> tasks;  // names by id, in the rm database of an old OMS
    std::optional<std::string> ha;             // kept in the rm database
    std::map<std::string, std::string> dumps;  // on the operator's disk, by database
    std::map<std::string, std::string> kept;   // and small files
    std::vector<std::string> damage;

    runtime::Host& host(std::size_t) override;
    metadb::MetaDb& rm() override;
    metadb::MetaDb& cm() override;
    metadb::MetaDb& separate_cm() override;
    MetaEndpoint separate_cm_endpoint() override;
    metadb::Backups& backups() override;
    std::optional<std::uint64_t> file_size(const std::string& path) override;
    std::optional<runtime::RegistryLogin> registry_login() override { return std::nullopt; }
    std::optional<std::string> http_get(const std::string& url) override;
    upgrade::ConsoleAnswer console_call(const upgrade::ConsoleCall&) override;
    void wait(std::chrono::milliseconds time, std::stop_token) override { now += time; }
    void at_once(const upgrade::Jobs&) override;

    /// Lets a little time pass and the world move on by one notch. Every look does.
    void tick();

    /// The OMS container that runs, if one does.
    std::optional<std::string> running() const;
    bool healthy() const;

    /// Everything that must be as before when an upgrade was taken back, as one text.
    std::string fingerprint() const;

private:
    class FakeHost;
    class FakeMetaDb;
    class FakeBackups;

    friend class FakeHost;
    friend class FakeMetaDb;
    friend class FakeBackups;

    bool is_new(const runtime::Container&) const;
    std::string schema() const;
    bool cm_is_far() const;
    std::string& cm_content();
    void check_rules();
    void run_script(const std::vector<std::string>& words);
    void begin_script(const std::string& what);
    void end_script();
    bool shares_names() const;
    bool console_runs_early() const;

    std::shared_ptr<FakeHost> host_;
    std::shared_ptr<FakeMetaDb> meta_;
    std::shared_ptr<FakeMetaDb> far_;
    std::shared_ptr<FakeBackups> backups_;

    std::map<std::string, int> looks_since_start_;
    std::map<std::string, std::string> journal_;  // files of jobs, in the logs mount
    std::optional<int> script_left_;              // looks until the script ends
    std::string script_folder_;
    std::string script_;                // the one that runs: jar, add_resource, upgrade
    std::vector<std::string> was_run_;  // since MetaDB was last put back
    std::string source_ = "4.3.0";
    bool console_stopped_ = false;
    int looks_healthy_ = 0;
};

}  // namespace oms::fakes
