#include "metadb/precheck.hpp"

#include "base/error.hpp"
#include "metadb/grants.hpp"
#include "metadb/row_writer.hpp"
#include "metadb/schema.hpp"
#include "metadb/text.hpp"

#include <algorithm>

namespace oms::metadb {
namespace {

constexpr std::uint64_t kSampleRows = 200;
constexpr std::size_t kSampleBytes = 1U << 20U;
constexpr std::size_t kSamplePacket = 1U << 30U;

std::string join(const std::vector<std::string>& words) {
    std::string list;
    for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
    return list;
}

// 'oms'@'%' of oms@%: both halves quoted, since either may hold anything.
std::string grantee(Session& session) {
    const std::string user = session.value("SELECT CURRENT_USER()").value_or("");
    const std::size_t at = user.rfind('@');
    if (at == std::string::npos) return quote_text(user);
    return quote_text(user.substr(0, at)) + "@" + quote_text(user.substr(at + 1));
}

bool has_any(Session& session,
             const std::string& table,
             const std::string& column,
             const std::string& database) {
    const std::string sql = "SELECT 1 FROM information_schema." + table + " WHERE " + column +
                            " = " + quote_text(database) + " LIMIT 1";
    return session.attempt(sql) == 0 && session.value(sql).has_value();
}

std::uint64_t rows_of(Session& session, const std::string& name, std::uint64_t shown) {
    // OceanBase says 0 until statistics are gathered; it also counts quickly.
    if (shown != 0) return shown;
    return std::stoull(session.value("SELECT COUNT(*) FROM " + name).value_or("0"));
}

std::uint64_t sample_bytes(Session& session,
                           const std::string& database,
                           const Table& table,
                           std::uint64_t rows) {
    RowWriter writer(database, table, kSamplePacket);
    std::string out;
    std::uint64_t sampled = 0;
    std::uint64_t sampled_rows = 0;
    session.stream(select_rows(database, table, "") + " LIMIT " + std::to_string(kSampleRows),
                   [&](const RowView& row) {
                       const std::size_t before = out.size();
                       writer.append(row, out);
                       sampled += out.size() - before;
                       ++sampled_rows;
                       if (out.size() < kSampleBytes) return;
                       writer.finish(out);
                       out.clear();
                   });
    return sampled_rows == 0 ? 0 : sampled / sampled_rows * std::max(rows, sampled_rows);
}

}  // namespace

ServerInfo read_info(Session& session) {
    const auto rows = session.query(
        "SELECT VERSION(), IF(@@GLOBAL.time_zone = 'SYSTEM', @@system_time_zone, "
        "@@GLOBAL.time_zone), UNIX_TIMESTAMP()");
    const Row& row = rows.at(0);
    const std::chrono::seconds theirs{std::stoll(row.at(2).value_or("0").substr(0, 18))};
    const auto ours = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::system_clock::now().time_since_epoch());
    return {.version = row.at(0).value_or(""),
            .is_oceanbase = session.is_oceanbase(),
            .time_zone = row.at(1).value_or(""),
            .clock_ahead = theirs - ours};
}

std::vector<std::string> missing_rights(Session& session, const std::string& database) {
    std::vector<Grant> grants;
    for (const Row& row : session.query("SHOW GRANTS"))
        if (auto grant = parse_grant(row.at(0).value_or(""))) grants.push_back(std::move(*grant));
    std::vector<std::string> needed{"SELECT",
                                    "SHOW VIEW",
                                    "INSERT",
                                    "UPDATE",
                                    "DELETE",
                                    "CREATE",
                                    "DROP",
                                    "ALTER",
                                    "INDEX",
                                    "CREATE VIEW",
                                    "REFERENCES"};
    if (session.is_oceanbase()) needed.pop_back();  // it has no such right before 4.3.5
    if (has_any(session, "routines", "routine_schema", database)) {
        needed.emplace_back("CREATE ROUTINE");
        needed.emplace_back("ALTER ROUTINE");
    }
    if (has_any(session, "events", "event_schema", database)) needed.emplace_back("EVENT");
    const auto lacking = missing(grants, database, needed);
    if (lacking.empty()) return {};
    return {"GRANT " + join(lacking) + " ON " + quote_name(database) + ".* TO " + grantee(session)};
}

std::uint64_t estimate_dump_bytes(Session& session, const std::string& database) {
    const Share alone = [&session](std::size_t count, const auto& work) {
        for (std::size_t i = 0; i < count; ++i) work(session, i);
    };
    const Schema schema = read_schema(session, database, alone);
    std::uint64_t bytes = 0;
    for (const Table& table : schema.tables) {
        const std::string shown =
            session
                .value("SELECT table_rows FROM information_schema.tables WHERE table_schema = " +
                       quote_text(database) + " AND table_name = " + quote_text(table.name))
                .value_or("0");
        const std::uint64_t rows =
            rows_of(session, quote_name(database, table.name), std::stoull(shown));
        bytes += std::max(sample_bytes(session, database, table, rows), table.bytes);
        bytes += table.definition.size();
    }
    return bytes;
}

}  // namespace oms::metadb
