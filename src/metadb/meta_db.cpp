#include "metadb/meta_db.hpp"

#include "base/error.hpp"
#include "metadb/bound_names.hpp"
#include "metadb/difference.hpp"
#include "metadb/dump.hpp"
#include "metadb/oms_tables.hpp"
#include "metadb/precheck.hpp"
#include "metadb/restore.hpp"
#include "metadb/session.hpp"
#include "metadb/task_tables.hpp"
#include "metadb/text.hpp"

#include <mutex>
#include <type_traits>

namespace oms::metadb {
namespace {

/// Looks and small touches share one session, made when first needed and made anew after a failure;
/// dump, restore and comparison bring their own.
class Server final : public MetaDb {
public:
    Server(Address address, Permit permit) : access_{std::move(address), std::move(permit)} {}

    ServerInfo info() const override {
        return with([](Session& session) { return read_info(session); });
    }

    bool has_database(const std::string& database) const override {
        return with([&](Session& session) {
            return session
                .value("SELECT 1 FROM information_schema.schemata WHERE schema_name = " +
                       quote_text(database))
                .has_value();
        });
    }

    bool has_table(const std::string& database, const std::string& table) const override {
        return with([&](Session& s) { return metadb::has_table(s, database, table); });
    }

    bool is_empty(const std::string& database) const override {
        return with([&](Session& session) {
            return !session
                        .value("SELECT 1 FROM information_schema.tables WHERE table_schema = " +
                               quote_text(database) + " LIMIT 1")
                        .has_value();
        });
    }

    std::vector<std::string> missing_rights(const std::string& database) const override {
        return with([&](Session& s) { return metadb::missing_rights(s, database); });
    }

    std::uint64_t estimate_bytes(const std::string& database) const override {
        return with([&](Session& s) { return estimate_dump_bytes(s, database); });
    }

    std::optional<std::string> ha_config(const std::string& rm_database) const override {
        return with([&](Session& s) { return read_ha_config(s, rm_database); });
    }

    std::optional<std::string> oms_version(const std::string& rm_database) const override {
        return with([&](Session& s) { return read_oms_version(s, rm_database); });
    }

    HeartbeatTables heartbeat_tables(const std::string& heartbeat_database) const override {
        return with([&](Session& s) { return look_at_heartbeat(s, heartbeat_database); });
    }

    std::vector<HostRow> hosts(const std::string& cm_database) const override {
        return with([&](Session& s) { return read_hosts(s, cm_database); });
    }

    std::vector<Beat> supervisor_beats(const std::string& heartbeat_database) const override {
        return with([&](Session& s) { return read_supervisor_beats(s, heartbeat_database); });
    }

    std::vector<std::string> full_import_projects(const std::string& rm_database,
                                                  const std::string&) const override {
        return with([&](Session& s) { return read_full_import_projects(s, rm_database); });
    }

    std::vector<SharedName> shared_task_names(const std::string& rm_database) const override {
        return with([&](Session& s) { return read_shared_task_names(s, rm_database); });
    }

    std::optional<std::string> task_name(const std::string& rm_database,
                                         TaskKind kind,
                                         const std::string& id) const override {
        return with([&](Session& s) { return read_task_name(s, rm_database, kind, id); });
    }

    std::vector<std::string> black_region_jobs(
        const std::string& cm_database, const std::vector<int>& cm_locations) const override {
        return with(
            [&](Session& s) { return read_black_region_jobs(s, cm_database, cm_locations); });
    }

    std::vector<LiveTask> live_tasks(const std::string& rm_database,
                                     std::size_t most) const override {
        return with([&](Session& s) { return read_live_tasks(s, rm_database, most); });
    }

    std::vector<std::string> bound_to_name(const std::string& database) const override {
        return with([&](Session& s) { return find_bound_to_name(s, database); });
    }

    std::optional<std::string> first_difference(const DumpManifest& dump,
                                                const ReportProgress& report,
                                                std::stop_token stop) const override {
        return find_first_difference(access_, dump, report, std::move(stop));
    }

    bool swap_ha_config(const std::string& rm_database,
                        const std::string& expected,
                        const std::string& wanted) override {
        return with(
            [&](Session& s) { return metadb::swap_ha_config(s, rm_database, expected, wanted); });
    }

    void run(const std::string& heartbeat_database, HeartbeatStatement statement) override {
        with([&](Session& s) {
            run_heartbeat(s, heartbeat_database, statement);
            return true;
        });
    }

    void rename_task(const std::string& rm_database,
                     TaskKind kind,
                     const std::string& id,
                     const std::string& from,
                     const std::string& to) override {
        with([&](Session& s) {
            metadb::rename_task(s, rm_database, kind, id, from, to);
            return true;
        });
    }

    void record_oms_version(const std::string& rm_database, const std::string& version) override {
        with([&](Session& s) {
            metadb::record_oms_version(s, rm_database, version);
            return true;
        });
    }

    void dump(const std::vector<std::string>& databases,
              const std::filesystem::path& folder,
              const DumpOptions& options,
              const ReportProgress& report,
              std::stop_token stop) override {
        dump_databases(access_, databases, folder, options, report, std::move(stop));
    }

    void restore(const std::vector<DumpManifest>& dumps,
                 const std::filesystem::path& folder,
                 const ReportProgress& report,
                 std::stop_token stop) override {
        restore_databases(access_, dumps, folder, report, std::move(stop));
    }

    void drop(const std::string& database) override {
        with([&](Session& s) {
            s.execute("DROP DATABASE IF EXISTS " + quote_name(database));
            return true;
        });
    }

private:
    template <class Work>
    std::invoke_result_t<const Work&, Session&> with(const Work& work) const {
        const std::lock_guard lock(mutex_);
        if (!session_) session_ = std::make_unique<Session>(access_, Purpose::Look);
        // After a failure the next one asks a fresh connection: this one may be lost, or in the
        // middle of an answer.
        auto session = std::move(session_);
        auto answer = work(*session);
        session_ = std::move(session);
        return answer;
    }

    Access access_;
    mutable std::mutex mutex_;
    mutable std::unique_ptr<Session> session_;
};

}  // namespace

std::unique_ptr<MetaDb> make_meta_db(Address address, Permit permit) {
    return std::make_unique<Server>(std::move(address), std::move(permit));
}

}  // namespace oms::metadb
