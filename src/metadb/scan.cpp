#include "metadb/scan.hpp"

#include "metadb/row_writer.hpp"
#include "metadb/text.hpp"

#include <algorithm>
#include <charconv>
#include <mutex>

namespace oms::metadb {
namespace {

// Below this one session is done before a second one has begun.
constexpr std::uint64_t kRowsWorthCutting = 20'000;
constexpr std::uint64_t kBytesWorthCutting = 4U << 20U;

std::optional<std::int64_t> to_integer(const std::optional<std::string>& text) {
    std::int64_t value = 0;
    if (!text) return std::nullopt;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    // An unsigned key beyond 2^63 is not worth the trouble: such a table is read in one go.
    if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
    return value;
}

bool is_worth_cutting(Session& session,
                      const std::string& name,
                      const Table& table,
                      const std::string& as_of) {
    if (table.integer_key.empty()) return false;
    if (table.bytes != 0) return table.bytes >= kBytesWorthCutting;
    return session
        .value("SELECT 1 FROM " + name + as_of + " LIMIT 1 OFFSET " +
               std::to_string(kRowsWorthCutting))
        .has_value();
}

// Ranges of equal width. Where the keys are unevenly spread some hold more rows than others, which
// costs time and nothing else: the first and the last have no outer end.
std::vector<std::string> cut(std::int64_t low,
                             std::int64_t high,
                             std::size_t pieces,
                             const std::string& key) {
    const std::uint64_t width =
        (static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low)) / pieces;
    if (width == 0) return {""};
    std::vector<std::string> ranges;
    const auto bound = [&](std::size_t i) {
        return std::to_string(
            static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + i * width));
    };
    for (std::size_t i = 0; i < pieces; ++i) {
        std::string range = " WHERE ";
        if (i != 0) range += key + " >= " + bound(i);
        if (i != 0 && i + 1 != pieces) range += " AND ";
        if (i + 1 != pieces) range += key + " < " + bound(i + 1);
        ranges.push_back(std::move(range));
    }
    return ranges;
}

std::vector<std::string> ranges_of(Session& session,
                                   const std::string& database,
                                   const Table& table,
                                   const std::string& as_of,
                                   std::size_t pieces) {
    const std::string name = quote_name(database, table.name);
    if (pieces < 2 || !is_worth_cutting(session, name, table, as_of)) return {""};
    const std::string key = quote_name(table.integer_key);
    const auto ends =
        session.query("SELECT MIN(" + key + "), MAX(" + key + ") FROM " + name + as_of);
    const auto low = to_integer(ends.at(0).at(0));
    const auto high = to_integer(ends.at(0).at(1));
    if (!low || !high) return {""};
    return cut(*low, *high, pieces, key);
}

}  // namespace

std::vector<Scan> plan_scans(const std::vector<const Schema*>& databases,
                             const std::string& as_of,
                             std::size_t pieces,
                             const Share& share) {
    std::vector<Scan> tables;
    for (std::size_t d = 0; d < databases.size(); ++d) {
        for (std::size_t t = 0; t < databases[d]->tables.size(); ++t) {
            tables.push_back(
                {.database = d, .table = t, .range = {}, .bytes = databases[d]->tables[t].bytes});
        }
    }
    std::vector<Scan> scans;
    std::mutex mutex;
    share(tables.size(), [&](Session& session, std::size_t i) {
        const Schema& schema = *databases[tables[i].database];
        const auto ranges =
            ranges_of(session, schema.database, schema.tables[tables[i].table], as_of, pieces);
        const std::lock_guard lock(mutex);
        for (std::size_t r = 0; r < ranges.size(); ++r) {
            Scan scan = tables[i];
            scan.range = ranges[r];
            scan.begins_at = static_cast<double>(r) / static_cast<double>(ranges.size());
            // A table that is cut is a big one, also where the server does not say how big.
            if (ranges.size() > 1)
                scan.bytes = std::max<std::uint64_t>(scan.bytes / ranges.size(), 1);
            scans.push_back(std::move(scan));
        }
    });
    // All large tables side by side from the first range to the last: who loads the dump then finds
    // rows of several tables in each stretch of it, and sessions that do not wait for each other.
    std::stable_sort(scans.begin(), scans.end(), [](const Scan& a, const Scan& b) {
        return a.begins_at != b.begins_at ? a.begins_at < b.begins_at : a.bytes > b.bytes;
    });
    return scans;
}

void run_scan(Session& session,
              const Schema& schema,
              const Scan& scan,
              const std::string& as_of,
              const std::function<void(const RowView&)>& each) {
    session.stream(select_rows(schema.database, schema.tables[scan.table], as_of) + scan.range,
                   each);
}

}  // namespace oms::metadb
