#include "metadb/dump_text.hpp"

#include "metadb/text.hpp"

#include <algorithm>

namespace oms::metadb {
namespace {

// Session variables of whoever loads the dump, and what it needs them to be.
struct Setting {
    const char* name;
    const char* value;
};

constexpr Setting kSettings[] = {{"sql_mode", "'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'"},
                                 {"time_zone", "'+00:00'"},
                                 {"foreign_key_checks", "0"}};

// MariaDB looks at each character of a text that is said to be utf8mb4, and takes bytes as they
// are; the columns written as text hold nothing else. MySQL would refuse bytes for JSON.
bool loads_bytes(const std::string& server) {
    return server.find("MariaDB") != std::string::npos;
}

std::string comment(const std::string& text) {
    std::string line = "-- " + text + "\n";
    std::replace(line.begin(), line.end() - 1, '\n', ' ');
    return line;
}

void append_other(std::string& out, const Other& other) {
    out += comment(title(other));
    if (other.kind == "trigger") return;
    if (!other.collation.empty())
        out += "SET SESSION collation_connection = " + quote_text(other.collation) + ";\n";
    if (other.kind == "view") {
        out += other.definition + ";\n";
    } else {
        out += "SET SESSION sql_mode = " + quote_text(other.sql_mode) + ";\n";
        if (!other.time_zone.empty())
            out += "SET SESSION time_zone = " + quote_text(other.time_zone) + ";\n";
        // Its body holds semicolons.
        out += "DELIMITER ;;\n" + other.definition + ";;\nDELIMITER ;\n";
        for (const Setting& setting : kSettings)
            out += std::string("SET SESSION ") + setting.name + " = " + setting.value + ";\n";
    }
    out += "SET NAMES utf8mb4;\n";
}

}  // namespace

std::string opening(const Schema& schema, const std::string& server, bool oceanbase) {
    std::string out = comment("Dump of " + schema.database + " from " + server);
    out += comment("Load it into an empty database of this name.");
    for (const Setting& setting : kSettings)
        out += std::string("SET @oms_old_") + setting.name + " = @@SESSION." + setting.name + ";\n";
    out += "SET NAMES utf8mb4;\n";
    for (const Setting& setting : kSettings)
        out += std::string("SET SESSION ") + setting.name + " = " + setting.value + ";\n";
    if (oceanbase) {
        out +=
            "SET SESSION ob_query_timeout = 86400000000;\n"
            "SET SESSION ob_trx_timeout = 86400000000;\n";
    }
    out += "ALTER DATABASE CHARACTER SET " + schema.character_set + " COLLATE " + schema.collation +
           ";\n";
    for (const Table& table : schema.tables) out += table.definition + ";\n";
    if (loads_bytes(server)) out += "SET NAMES binary;\n";
    return out;
}

std::string closing(const Schema& schema) {
    std::string out = "SET NAMES utf8mb4;\n";
    for (const Other& other : schema.others) append_other(out, other);
    for (const Setting& setting : kSettings)
        out += std::string("SET SESSION ") + setting.name + " = @oms_old_" + setting.name + ";\n";
    return out + comment("End of the dump of " + schema.database);
}

}  // namespace oms::metadb
