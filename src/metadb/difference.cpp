#include "metadb/difference.hpp"

#include "metadb/crew.hpp"
#include "metadb/dump.hpp"
#include "metadb/row_digest.hpp"
#include "metadb/scan.hpp"
#include "metadb/text.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

namespace oms::metadb {
namespace {

constexpr unsigned kReaders = 4;
constexpr std::uint64_t kRowsPerReport = 10'000;

using Difference = std::optional<std::string>;
using Definitions = std::map<std::string, std::string>;  // name → digest

Difference compare(const Definitions& found, const Definitions& dumped, const std::string& kind) {
    for (const auto& [name, definition] : dumped) {
        const auto at = found.find(name);
        if (at == found.end()) return kind + name + " is missing, the dump has it";
        if (at->second != definition) return kind + name + " is defined otherwise than in the dump";
    }
    for (const auto& [name, definition] : found)
        if (!dumped.contains(name)) return kind + name + " is not in the dump";
    return std::nullopt;
}

Difference compare_definitions(const Schema& schema, const DumpManifest& dump) {
    if (schema.character_set != dump.character_set || schema.collation != dump.collation) {
        return "the database has the defaults " + schema.character_set + " and " +
               schema.collation + ", the dump " + dump.character_set + " and " + dump.collation;
    }
    Definitions found;
    Definitions dumped;
    for (const Table& table : schema.tables) found.emplace(table.name, digest_of(table));
    for (const TableDigest& table : dump.tables) dumped.emplace(table.name, table.definition);
    if (auto difference = compare(found, dumped, "table ")) return difference;
    found.clear();
    dumped.clear();
    for (const Other& other : schema.others)
        if (other.kind != "trigger") found.emplace(title(other), digest_of(other));
    for (std::size_t i = 0; i < dump.others.size(); ++i) {
        if (!dump.other_definitions.at(i).empty())
            dumped.emplace(dump.others[i], dump.other_definitions[i]);
    }
    return compare(found, dumped, "");
}

// Reads all rows on all sessions; ends early when one table turns out to differ.
class RowComparison {
public:
    RowComparison(Crew& crew,
                  const Schema& schema,
                  const DumpManifest& dump,
                  const ReportProgress& report)
        : crew_(crew), schema_(schema), dump_(dump), report_(report) {
        for (const TableDigest& table : dump.tables) rows_expected_ += table.rows;
    }

    Difference run(const std::vector<Scan>& scans) {
        digests_.resize(schema_.tables.size());
        scans_left_.resize(schema_.tables.size());
        for (const Scan& scan : scans) ++scans_left_[scan.table];
        crew_.share(scans.size(), [&](Session& session, std::size_t i) {
            if (!is_different_) read(session, scans[i]);
        });
        return difference_;
    }

private:
    void read(Session& session, const Scan& scan) {
        RowDigest digest;
        run_scan(session, schema_, scan, "", [&](const RowView& row) {
            digest.add(row);
            if (digest.rows() % kRowsPerReport == 0) report(kRowsPerReport);
        });
        report(digest.rows() % kRowsPerReport);
        const std::lock_guard lock(mutex_);
        digests_[scan.table].merge(digest);
        if (--scans_left_[scan.table] == 0) conclude(scan.table);
    }

    void conclude(std::size_t index) {
        const std::string& name = schema_.tables[index].name;
        const TableDigest& dumped =
            *std::find_if(dump_.tables.begin(), dump_.tables.end(), [&](const TableDigest& table) {
                return table.name == name;
            });
        const RowDigest& found = digests_[index];
        if (difference_) return;
        if (found.rows() != dumped.rows) {
            difference_ = "table " + name + " has " + std::to_string(found.rows()) +
                          " rows, the dump has " + std::to_string(dumped.rows);
        } else if (found.hex() != dumped.digest) {
            difference_ = "table " + name + " has as many rows as the dump, and other values";
        }
        is_different_ = difference_.has_value();
    }

    void report(std::uint64_t rows) {
        const std::uint64_t done = rows_ += rows;
        if (report_ && rows != 0) {
            report_({.what = "comparing " + schema_.database,
                     .done = done,
                     .total = std::max(rows_expected_, done),
                     .unit = "rows"});
        }
    }

    Crew& crew_;
    const Schema& schema_;
    const DumpManifest& dump_;
    const ReportProgress& report_;
    std::uint64_t rows_expected_ = 0;
    std::atomic<std::uint64_t> rows_{0};
    std::atomic<bool> is_different_{false};
    std::mutex mutex_;
    std::vector<RowDigest> digests_;
    std::vector<std::size_t> scans_left_;
    Difference difference_;
};

}  // namespace

std::optional<std::string> find_first_difference(const Access& access,
                                                 const DumpManifest& dump,
                                                 const ReportProgress& report,
                                                 std::stop_token stop) {
    Crew crew(access, kReaders, std::move(stop));
    Session& first = *crew.sessions().front();
    if (!first.value("SELECT 1 FROM information_schema.schemata WHERE schema_name = " +
                     quote_text(dump.database)))
        return "there is no database " + dump.database;
    const Share share = [&crew](std::size_t count, const auto& work) { crew.share(count, work); };
    const Schema schema = read_schema(first, dump.database, share);
    if (auto difference = compare_definitions(schema, dump)) return difference;
    const auto scans = plan_scans({&schema}, "", kReaders * kRangesPerSession, share);
    return RowComparison(crew, schema, dump, report).run(scans);
}

}  // namespace oms::metadb
