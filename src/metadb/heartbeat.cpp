#include "base/error.hpp"
#include "metadb/oms_tables.hpp"
#include "metadb/text.hpp"

namespace oms::metadb {
namespace {

// OMS spells it so (procedure).
constexpr const char* kSequence = "heatbeat_sequence";
constexpr const char* kCopy = "heatbeat_sequence_bak";
constexpr const char* kAside = "heatbeat_sequence_bak2";

std::optional<HeartbeatTable> look_at(Session& session,
                                      const std::string& database,
                                      const char* table) {
    if (!has_table(session, database, table)) return std::nullopt;
    const std::string name = quote_name(database, table);
    HeartbeatTable found;
    // Counting all of it would take its time within the downtime, and nobody asks for more than
    // "none, one, several".
    const std::string rows =
        session.value("SELECT COUNT(*) FROM (SELECT 1 FROM " + name + " LIMIT 3) AS few")
            .value_or("0");
    found.rows = std::stoull(rows);
    if (const auto id = session.value("SELECT id FROM " + name + " ORDER BY id DESC LIMIT 1"))
        found.newest_id = std::stoull(*id);
    return found;
}

[[noreturn]] void unclear(const std::string& database, const std::string& what) {
    throw Terminal("MetaDB: " + database + ": " + what +
                   "; look at these tables, keep the one with the highest id as heatbeat_sequence, "
                   "drop the others, and start again");
}

// Without a row the new table would begin at 1 again, and ids only ever grow.
void keep_mark(Session& session, const std::string& from, const std::string& to) {
    const auto shown = session.query("SHOW CREATE TABLE " + from);
    const std::string& definition = shown.at(0).at(1).value();
    std::size_t at = definition.rfind("AUTO_INCREMENT");
    if (at == std::string::npos) return;
    at = definition.find_first_of("0123456789", at);
    if (at == std::string::npos) return;
    const std::string mark =
        definition.substr(at, definition.find_first_not_of("0123456789", at) - at);
    session.execute("ALTER TABLE " + to + " AUTO_INCREMENT = " + mark);
}

void fill_copy(Session& session, const std::string& database, const HeartbeatTables& tables) {
    if (!tables.copy) unclear(database, "there is no heatbeat_sequence_bak to fill");
    const auto& source = tables.sequence ? tables.sequence : tables.aside;
    if (!source) unclear(database, "there is neither heatbeat_sequence nor heatbeat_sequence_bak2");
    const std::string from = quote_name(database, tables.sequence ? kSequence : kAside);
    const std::string to = quote_name(database, kCopy);
    if (source->rows == 0) {
        if (tables.copy->rows == 0) keep_mark(session, from, to);
        return;
    }
    session.execute("INSERT IGNORE INTO " + to +
                    " SELECT `id`, `gmt_created`, `gmt_modified` FROM " + from +
                    " ORDER BY `id` DESC LIMIT 1");
    // What an attempt before OMS ran on had left in it.
    session.execute("DELETE FROM " + to + " WHERE `id` < " + std::to_string(source->newest_id));
}

void move_original_aside(Session& session,
                         const std::string& database,
                         const HeartbeatTables& tables) {
    if (tables.aside && tables.sequence && tables.copy) {
        unclear(
            database,
            "heatbeat_sequence, heatbeat_sequence_bak and heatbeat_sequence_bak2 are all there");
    }
    if (tables.aside) return;
    if (!tables.sequence || !tables.copy)
        unclear(database, "heatbeat_sequence or its copy heatbeat_sequence_bak is missing");
    if (tables.copy->newest_id < tables.sequence->newest_id) {
        throw Transient(
            "MetaDB: " + database +
            ": heatbeat_sequence has grown since its newest row was copied; does an OMS "
            "still run on it?");
    }
    session.execute("ALTER TABLE " + quote_name(database, kSequence) + " RENAME TO " +
                    quote_name(database, kAside));
}

void move_copy_in(Session& session, const std::string& database, const HeartbeatTables& tables) {
    if (tables.sequence && !tables.copy) return;
    if (tables.sequence || !tables.copy) {
        unclear(database,
                tables.sequence ? "heatbeat_sequence is still in the place of its copy"
                                : "there is neither heatbeat_sequence nor heatbeat_sequence_bak");
    }
    if (tables.aside && tables.aside->newest_id > tables.copy->newest_id)
        unclear(database, "heatbeat_sequence_bak lacks the newest row of heatbeat_sequence_bak2");
    session.execute("ALTER TABLE " + quote_name(database, kCopy) + " RENAME TO " +
                    quote_name(database, kSequence));
}

void drop_original(Session& session, const std::string& database, const HeartbeatTables& tables) {
    if (!tables.aside) return;
    if (!tables.sequence || tables.sequence->newest_id < tables.aside->newest_id) {
        unclear(database,
                "heatbeat_sequence does not hold the newest id of heatbeat_sequence_bak2");
    }
    session.execute("DROP TABLE IF EXISTS " + quote_name(database, kAside));
}

}  // namespace

HeartbeatTables look_at_heartbeat(Session& session, const std::string& heartbeat_database) {
    return {.sequence = look_at(session, heartbeat_database, kSequence),
            .copy = look_at(session, heartbeat_database, kCopy),
            .aside = look_at(session, heartbeat_database, kAside)};
}

void run_heartbeat(Session& session,
                   const std::string& heartbeat_database,
                   HeartbeatStatement statement) {
    const HeartbeatTables tables = look_at_heartbeat(session, heartbeat_database);
    switch (statement) {
        case HeartbeatStatement::CreateCopy:
            // As the procedure has it. InnoDB and OceanBase take what is not said from the server.
            session.execute("CREATE TABLE IF NOT EXISTS " + quote_name(heartbeat_database, kCopy) +
                            " (`id` bigint(20) NOT NULL AUTO_INCREMENT COMMENT 'PK', "
                            "`gmt_created` datetime NOT NULL, `gmt_modified` datetime NOT NULL, "
                            "PRIMARY KEY (`id`)) DEFAULT CHARSET=utf8 "
                            "COMMENT='Heartbeat sequence table'");
            return;
        case HeartbeatStatement::FillCopy:
            return fill_copy(session, heartbeat_database, tables);
        case HeartbeatStatement::MoveOriginalAside:
            return move_original_aside(session, heartbeat_database, tables);
        case HeartbeatStatement::MoveCopyIn:
            return move_copy_in(session, heartbeat_database, tables);
        case HeartbeatStatement::DropOriginal:
            return drop_original(session, heartbeat_database, tables);
    }
}

}  // namespace oms::metadb
