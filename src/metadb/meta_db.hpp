#pragma once

#include "base/permit.hpp"
#include "base/progress.hpp"
#include "base/secret.hpp"
#include "oms/tasks.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace oms::metadb {

/// One table as a dump holds it.
struct TableDigest {
    std::string name;
    std::uint64_t rows = 0;
    std::string digest;      // over all rows, in any order: hex
    std::string definition;  // digest of its SHOW CREATE, AUTO_INCREMENT mark included: hex

    bool operator==(const TableDigest&) const = default;
};

/// What one dump holds. Its file is complete when it exists: it is written and renamed last.
struct DumpManifest {
    std::string database;
    std::string file;         // name in the backup folder: "oms_rm.sql.zst"
    std::uint64_t bytes = 0;  // size of the file
    std::string sha256;       // of the file
    std::string server;       // version comment of the server it came from
    std::string character_set;
    std::string collation;
    std::vector<TableDigest> tables;
    std::vector<std::string> others;                  // views, routines, events: "view v_hosts"
    std::vector<std::string> other_definitions = {};  // digest of each one's SHOW CREATE, as above

    bool operator==(const DumpManifest&) const = default;
};

struct ServerInfo {
    std::string version;  // "5.7.25-OceanBase seekdb-v1.4.0.0"
    bool is_oceanbase = false;
    std::string time_zone;                // of the server: "+08:00", or a name
    std::chrono::seconds clock_ahead{0};  // server's clock minus ours, both in UTC
};

/// The five statements of the heartbeat backup (procedure, "Log in to the CM heartbeat database").
enum class HeartbeatStatement { CreateCopy, FillCopy, MoveOriginalAside, MoveCopyIn, DropOriginal };

struct HeartbeatTable {
    std::uint64_t rows = 0;
    std::uint64_t newest_id = 0;  // 0: no row

    bool operator==(const HeartbeatTable&) const = default;
};

/// heatbeat_sequence, heatbeat_sequence_bak, heatbeat_sequence_bak2: which are there.
struct HeartbeatTables {
    std::optional<HeartbeatTable> sequence;
    std::optional<HeartbeatTable> copy;
    std::optional<HeartbeatTable> aside;

    bool operator==(const HeartbeatTables&) const = default;
};

/// A row of the cm database's `host` (oms-facts 5.1).
struct HostRow {
    std::string ip;
    std::string status;

    bool operator==(const HostRow&) const = default;
};

/// A supervisor's row of `heart_beat` (oms-facts 5.1); the age is taken on the server's own clock.
struct Beat {
    std::string host_ip;
    std::chrono::seconds age{0};

    bool operator==(const Beat&) const = default;
};

enum class Compression { None, Zstd };

struct DumpOptions {
    Compression compression = Compression::Zstd;
    unsigned threads = 4;
};

/// One MetaDB server, through one set of credentials: the few looks and touches that an upgrade
/// needs. Looking is const and changes nothing. Every touch may be repeated.
///
/// Throws Transient when the server cannot be reached or went away, Terminal when it refuses
/// (rights, syntax, no space), Stopped. No message holds a password.
class MetaDb {
public:
    virtual ~MetaDb() = default;

    virtual ServerInfo info() const = 0;
    virtual bool has_database(const std::string& database) const = 0;

    /// Is a table (or a view) of that name in the database? False also when the account may not see
    /// it.
    virtual bool has_table(const std::string& database, const std::string& table) const = 0;

    /// Is there no table and no view that the account may see?
    virtual bool is_empty(const std::string& database) const = 0;

    /// What dump and restore would miss, each as a GRANT a person can type; empty: nothing.
    virtual std::vector<std::string> missing_rights(const std::string& database) const = 0;

    /// Roughly how many bytes an uncompressed dump takes, from the server's own figures.
    virtual std::uint64_t estimate_bytes(const std::string& database) const = 0;

    /// oms_normal_config.cfg_value of `ha.config`, byte for byte (oms-facts 1.1). Empty: no row.
    virtual std::optional<std::string> ha_config(const std::string& rm_database) const = 0;

    /// The newest row of oms_version (oms-facts 0.11). Empty: no table or no row.
    virtual std::optional<std::string> oms_version(const std::string& rm_database) const = 0;

    virtual HeartbeatTables heartbeat_tables(const std::string& heartbeat_database) const = 0;
    virtual std::vector<HostRow> hosts(const std::string& cm_database) const = 0;
    virtual std::vector<Beat> supervisor_beats(const std::string& heartbeat_database) const = 0;

    /// Names of the projects whose Full-Import a person must resume (procedure, last note), as far
    /// as MetaDB tells; empty where it does not.
    virtual std::vector<std::string> full_import_projects(const std::string& rm_database,
                                                          const std::string& cm_database) const = 0;

    /// Live tasks that share a name, by the procedure's own queries ("Prerequisites"). For an OMS
    /// below 4.0.1; empty also where its tables are not there.
    virtual std::vector<SharedName> shared_task_names(const std::string& rm_database) const = 0;

    /// Empty: there is no such task.
    virtual std::optional<std::string> task_name(const std::string& rm_database,
                                                 TaskKind,
                                                 const std::string& id) const = 0;

    /// Jobs whose blackRegionNo is none of these cm_locations (procedure, "blackRegionNo"), each as
    /// "id 7: 3".
    virtual std::vector<std::string> black_region_jobs(
        const std::string& cm_database, const std::vector<int>& cm_locations) const = 0;

    /// What first tells the database from its dump, for a person: "table t has 3 rows, the dump has
    /// 4". Empty: every table, row, definition and view is as in the dump.
    virtual std::optional<std::string> first_difference(const DumpManifest&,
                                                        const ReportProgress&,
                                                        std::stop_token) const = 0;

    /// Tasks of an OMS below 4.0.1 that are not deleted, of both kinds, by id; at most so many.
    /// Empty also where its tables are not there.
    virtual std::vector<LiveTask> live_tasks(const std::string& rm_database,
                                             std::size_t most) const = 0;

    /// What says the name of its database in its own definition, and so could not live under
    /// another one: "view v_hosts".
    virtual std::vector<std::string> bound_to_name(const std::string& database) const = 0;

    /// Sets `ha.config` to `wanted` if it still is `expected`, in one statement. False: somebody
    /// else changed it meanwhile, nothing was written.
    virtual bool swap_ha_config(const std::string& rm_database,
                                const std::string& expected,
                                const std::string& wanted) = 0;

    virtual void run(const std::string& heartbeat_database, HeartbeatStatement) = 0;

    /// Renames the task if it still has the name `from`, byte for byte.
    virtual void rename_task(const std::string& rm_database,
                             TaskKind,
                             const std::string& id,
                             const std::string& from,
                             const std::string& to) = 0;

    /// Makes the table oms_version where it is not there, and gives it this row (oms-facts 4.3).
    virtual void record_oms_version(const std::string& rm_database, const std::string& version) = 0;

    /// Dumps the databases into `folder`, one consistent snapshot each, tables in parallel. A
    /// database with a complete dump there is left alone; a half-written one is begun anew.
    virtual void dump(const std::vector<std::string>& databases,
                      const std::filesystem::path& folder,
                      const DumpOptions&,
                      const ReportProgress&,
                      std::stop_token) = 0;

    /// Drops the databases, creates them as they were and loads their dumps (procedure, rollback).
    /// The manifest's `database` is the name that counts: it may differ from what was dumped.
    virtual void restore(const std::vector<DumpManifest>& dumps,
                         const std::filesystem::path& folder,
                         const ReportProgress&,
                         std::stop_token) = 0;

    /// Drops a database, if it is there.
    virtual void drop(const std::string& database) = 0;
};

struct Address {
    std::string host;
    std::uint16_t port = 2883;
    std::string user;
    Secret password;

    bool operator==(const Address&) const = default;
};

/// A server, and whether it may be spoken to still.
struct Access {
    Address address;
    Permit permit = {};
};

/// Connects when first used. Sends nothing, not even a question, without the permit, and writes no
/// dump without it.
std::unique_ptr<MetaDb> make_meta_db(Address, Permit = {});

}  // namespace oms::metadb
