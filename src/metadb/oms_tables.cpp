#include "metadb/oms_tables.hpp"

#include "base/error.hpp"
#include "base/sha256.hpp"
#include "metadb/text.hpp"

#include <algorithm>
#include <charconv>

namespace oms::metadb {
namespace {

// Byte for byte: collations compare without case and without trailing spaces.
constexpr const char* kIsHaConfig = " WHERE BINARY cfg_name = 'ha.config'";

std::string upper_hex(std::string_view bytes) {
    std::string hex = to_hex(bytes);
    std::transform(hex.begin(), hex.end(), hex.begin(), [](char digit) {
        return digit >= 'a' ? static_cast<char>(digit - 'a' + 'A') : digit;
    });
    return hex;
}

std::chrono::seconds to_seconds(const std::string& text) {
    long long seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || end != text.data() + text.size())
        throw Terminal("MetaDB gave '" + text + "' where a number of seconds was asked for");
    return std::chrono::seconds{seconds};
}

}  // namespace

bool has_table(Session& session, std::string_view database, std::string_view table) {
    return session
        .value("SELECT 1 FROM information_schema.tables WHERE table_schema = " +
               quote_text(database) + " AND table_name = " + quote_text(table) + " LIMIT 1")
        .has_value();
}

std::optional<std::string> read_ha_config(Session& session, const std::string& rm_database) {
    const auto rows =
        session.query("SELECT cfg_value FROM " + quote_name(rm_database, "oms_normal_config") +
                      kIsHaConfig + " LIMIT 2");
    if (rows.size() > 1) {
        throw Terminal("MetaDB: " + rm_database +
                       ".oms_normal_config has more than one row named ha.config; delete all but "
                       "the one that the console shows");
    }
    if (rows.empty()) return std::nullopt;
    if (!rows.front().front()) {
        throw Terminal(
            "MetaDB: ha.config in " + rm_database +
            ".oms_normal_config is NULL; set it on the console's System Parameters page");
    }
    return rows.front().front();
}

bool swap_ha_config(Session& session,
                    const std::string& rm_database,
                    const std::string& expected,
                    const std::string& wanted) {
    if (!read_ha_config(session, rm_database)) return false;
    return session.execute("UPDATE " + quote_name(rm_database, "oms_normal_config") +
                           " SET cfg_value = " + quote_text(wanted) + kIsHaConfig +
                           " AND HEX(CONVERT(cfg_value USING utf8mb4)) = '" + upper_hex(expected) +
                           "'") == 1;
}

std::optional<std::string> read_oms_version(Session& session, const std::string& rm_database) {
    if (!has_table(session, rm_database, "oms_version")) return std::nullopt;
    return session.value("SELECT version FROM " + quote_name(rm_database, "oms_version") +
                         " ORDER BY gmt_modified DESC, version DESC LIMIT 1");
}

void record_oms_version(Session& session,
                        const std::string& rm_database,
                        const std::string& version) {
    const std::string table = quote_name(rm_database, "oms_version");
    session.execute(
        "CREATE TABLE IF NOT EXISTS " + table +
        " (`version` varchar(64) NOT NULL COMMENT 'version', `gmt_modified` timestamp "
        "NOT NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (`version`)) DEFAULT CHARSET = "
        "utf8mb4 COMMENT = 'version table'");
    session.execute("REPLACE INTO " + table + " (`version`) VALUES (" + quote_text(version) + ")");
}

std::vector<HostRow> read_hosts(Session& session, const std::string& cm_database) {
    std::vector<HostRow> hosts;
    for (const Row& row : session.query("SELECT ip, host_status FROM " +
                                        quote_name(cm_database, "host") + " ORDER BY ip"))
        hosts.push_back({.ip = row[0].value_or(""), .status = row[1].value_or("")});
    return hosts;
}

std::vector<Beat> read_supervisor_beats(Session& session, const std::string& heartbeat_database) {
    std::vector<Beat> beats;
    for (const Row& row :
         session.query("SELECT host_ip, TIMESTAMPDIFF(SECOND, gmt_modified, NOW()) FROM " +
                       quote_name(heartbeat_database, "heart_beat") +
                       " WHERE task_name = 'supervisor' AND gmt_modified IS NOT NULL"
                       " ORDER BY host_ip"))
        beats.push_back({.host_ip = row[0].value_or(""), .age = to_seconds(row[1].value_or("0"))});
    return beats;
}

std::vector<std::string> read_full_import_projects(Session& session,
                                                   const std::string& rm_database) {
    std::vector<std::string> projects;
    const auto tables = session.query(
        "SELECT table_name, MAX(CASE WHEN column_name IN ('name', 'project_name') THEN column_name "
        "END), MAX(CASE WHEN column_name IN ('status', 'project_status') THEN column_name END) "
        "FROM information_schema.columns WHERE table_schema = " +
        quote_text(rm_database) +
        " AND column_name IN ('current_step', 'name', 'project_name', 'status', 'project_status') "
        "GROUP BY table_name HAVING COUNT(*) = 3 "
        "AND SUM(CASE WHEN column_name = 'current_step' THEN 1 ELSE 0 END) = 1 ORDER BY "
        "table_name");
    for (const Row& table : tables) {
        if (!table[1] || !table[2]) continue;
        const std::string name = quote_name(*table[1]);
        for (const Row& row :
             session.query("SELECT " + name + " FROM " + quote_name(rm_database, *table[0]) +
                           " WHERE current_step IN ('FULL_TRANSFER', 'FULL_MIGRATION', "
                           "'CONNECTOR_FULL_SYNC') AND " +
                           quote_name(*table[2]) +
                           " NOT IN ('INIT', 'FINISHED', 'RELEASING', 'RELEASED', 'DELETED') "
                           "ORDER BY " +
                           name))
            projects.push_back(row[0].value_or(""));
    }
    return projects;
}

}  // namespace oms::metadb
