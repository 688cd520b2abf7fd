#include "metadb/dump.hpp"

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/sha256.hpp"
#include "metadb/crew.hpp"
#include "metadb/dump_file.hpp"
#include "metadb/dump_text.hpp"
#include "metadb/manifest.hpp"
#include "metadb/row_digest.hpp"
#include "metadb/row_writer.hpp"
#include "metadb/scan.hpp"
#include "metadb/snapshot.hpp"
#include "metadb/text.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>

namespace oms::metadb {
namespace {

// What a worker gathers before it compresses and writes. Four workers hold some ten megabytes.
constexpr std::size_t kPieceBytes = 1U << 20U;

// One database on its way to the disk.
struct Output {
    Schema schema;
    std::unique_ptr<DumpFile> file;
    std::vector<RowDigest> digests;  // by table
    std::size_t scans_left = 0;
    std::mutex mutex;
};

class Dump {
public:
    Dump(const Access& access,
         std::filesystem::path folder,
         const DumpOptions& options,
         const ReportProgress& report,
         std::stop_token stop)
        : folder_(std::move(folder)),
          options_(options),
          report_(report),
          permit_(access.permit),
          crew_(access, options.threads, std::move(stop)),
          snapshot_(crew_),
          share_([this](std::size_t count, const auto& work) { crew_.share(count, work); }) {
        Session& first = *crew_.sessions().front();
        server_ = first.version();
        packet_max_ = std::stoull(first.value("SELECT @@GLOBAL.max_allowed_packet").value());
    }

    void run(const std::vector<std::string>& databases) {
        for (const std::string& database : databases) open(database);
        release_unless_needed();
        std::vector<const Schema*> schemas;
        for (const auto& output : outputs_) schemas.push_back(&output->schema);
        const auto scans = plan_scans(
            schemas, snapshot_.as_of(), crew_.sessions().size() * kRangesPerSession, share_);
        for (const Scan& scan : scans) ++outputs_[scan.database]->scans_left;
        for (const auto& output : outputs_)
            for (const Table& table : output->schema.tables) bytes_expected_ += table.bytes;
        for (const auto& output : outputs_)
            if (output->scans_left == 0) finish(*output);
        crew_.share(scans.size(),
                    [&](Session& session, std::size_t i) { copy(session, scans[i]); });
        snapshot_.release();
    }

private:
    void open(const std::string& database) {
        auto output = std::make_unique<Output>();
        Session& first = *crew_.sessions().front();
        output->schema = read_schema(first, database, share_);
        output->digests.resize(output->schema.tables.size());
        output->file = std::make_unique<DumpFile>(folder_ / file_name(database));
        Packer packer(options_.compression);
        output->file->append(packer.pack(opening(output->schema, server_, first.is_oceanbase())));
        outputs_.push_back(std::move(output));
    }

    std::string file_name(const std::string& database) const {
        return database + (options_.compression == Compression::Zstd ? ".sql.zst" : ".sql");
    }

    void release_unless_needed() {
        for (const auto& output : outputs_) {
            for (const Table& table : output->schema.tables) {
                if (table.is_transactional) continue;
                if (snapshot_.is_locked()) return;
                throw Terminal("cannot back up " + output->schema.database + "." + table.name +
                               ": its engine has no transactions, and this user may not lock the "
                               "server while it is read; GRANT RELOAD ON *.* to it");
            }
        }
        snapshot_.release();
    }

    void copy(Session& session, const Scan& scan) {
        Output& output = *outputs_[scan.database];
        const Table& table = output.schema.tables[scan.table];
        for (const Members& members : table.unescaped)
            check(session, output.schema, table, members);
        RowWriter writer(output.schema.database, table, packet_max_);
        RowDigest digest;
        Packer packer(options_.compression);
        std::string piece;
        piece.reserve(kPieceBytes * 2);
        const auto write_away = [&] {
            writer.finish(piece);
            write(output, packer, std::move(piece));
            piece.clear();
            piece.reserve(kPieceBytes * 2);
        };
        run_scan(session, output.schema, scan, snapshot_.as_of(), [&](const RowView& row) {
            digest.add(row);
            writer.append(row, piece);
            if (piece.size() >= kPieceBytes) write_away();
        });
        write_away();
        const std::lock_guard lock(output.mutex);
        output.digests[scan.table].merge(digest);
        if (--output.scans_left == 0) finish(output);
    }

    // Whether the members that were read out of a text without escapes are the real ones: every
    // value must be one of them.
    void check(Session& session,
               const Schema& schema,
               const Table& table,
               const Members& members) const {
        const std::string column = quote_name(members.column);
        std::string condition;
        if (members.is_set) {
            condition = column + " + 0 >= " +
                        std::to_string(1ULL << std::min<std::size_t>(members.values.size(), 63));
        } else {
            condition = column + " + 0 > 0 AND " + column + " NOT IN (";
            for (const std::string& value : members.values) {
                if (&value != &members.values.front()) condition += ", ";
                append_text(condition, value);
            }
            condition += ")";
        }
        if (session.value("SELECT 1 FROM " + quote_name(schema.database, table.name) +
                          snapshot_.as_of() + " WHERE " + condition + " LIMIT 1")) {
            throw Terminal("cannot back up " + schema.database + "." + table.name + "." +
                           members.column +
                           ": a member of its ENUM or SET holds a quote in a way that the server "
                           "does not show unambiguously; rename that member");
        }
    }

    void write(Output& output, Packer& packer, std::string piece) {
        if (piece.empty()) return;
        permit_.demand();
        const std::uint64_t done = bytes_ += piece.size();
        output.file->append(packer.pack(std::move(piece)));
        if (!report_) return;
        report_({.what = "dumping " + output.schema.database,
                 .done = done,
                 .total = bytes_expected_ == 0 ? 0 : std::max(bytes_expected_, done)});
    }

    void finish(Output& output) {
        Packer packer(options_.compression);
        output.file->append(packer.pack(closing(output.schema)));
        permit_.demand();
        output.file->finish();
        const Schema& schema = output.schema;
        DumpManifest manifest{.database = schema.database,
                              .file = file_name(schema.database),
                              .bytes = output.file->bytes(),
                              .sha256 = output.file->sha256(),
                              .server = server_,
                              .character_set = schema.character_set,
                              .collation = schema.collation,
                              .tables = {},
                              .others = {}};
        for (std::size_t i = 0; i < schema.tables.size(); ++i) {
            manifest.tables.push_back({.name = schema.tables[i].name,
                                       .rows = output.digests[i].rows(),
                                       .digest = output.digests[i].hex(),
                                       .definition = digest_of(schema.tables[i])});
        }
        for (const Other& other : schema.others) {
            manifest.others.push_back(title(other));
            manifest.other_definitions.push_back(digest_of(other));
        }
        permit_.demand();
        write_durably(folder_ / manifest_name(schema.database), to_json(manifest));
    }

    std::filesystem::path folder_;
    DumpOptions options_;
    const ReportProgress& report_;
    Permit permit_;
    Crew crew_;
    Snapshot snapshot_;
    Share share_;
    std::string server_;
    std::size_t packet_max_ = 0;
    std::vector<std::unique_ptr<Output>> outputs_;
    std::atomic<std::uint64_t> bytes_{0};
    std::uint64_t bytes_expected_ = 0;
};

}  // namespace

void dump_databases(const Access& access,
                    const std::vector<std::string>& databases,
                    const std::filesystem::path& folder,
                    const DumpOptions& options,
                    const ReportProgress& report,
                    std::stop_token stop) {
    std::vector<std::string> missing;
    for (const std::string& database : databases) {
        if (database.empty() || database.find('/') != std::string::npos)
            throw Terminal("'" + database + "' cannot be the name of a file in the backup folder");
        if (!find_dump(folder, database) &&
            std::find(missing.begin(), missing.end(), database) == missing.end())
            missing.push_back(database);
    }
    if (missing.empty()) return;
    make_private_folder(folder);
    Dump(access, folder, options, report, std::move(stop)).run(missing);
}

std::string digest_of(const Table& table) {
    return sha256_hex(table.definition);
}

std::string digest_of(const Other& other) {
    if (other.kind == "trigger") return "";
    return sha256_hex(other.definition + '\0' + other.sql_mode + '\0' + other.collation + '\0' +
                      other.time_zone);
}

}  // namespace oms::metadb
