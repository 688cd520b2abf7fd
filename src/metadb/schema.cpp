#include "metadb/schema.hpp"

#include "base/error.hpp"
#include "metadb/definition.hpp"
#include "metadb/text.hpp"

#include <algorithm>
#include <map>

namespace oms::metadb {
namespace {

std::string text(const Row& row, std::size_t column) {
    return column < row.size() ? row[column].value_or("") : "";
}

std::uint64_t number(const Row& row, std::size_t column) {
    const std::string digits = text(row, column);
    return digits.empty() ? 0 : std::stoull(digits);
}

bool is_integer(std::string_view data_type) {
    return data_type.ends_with("int") || data_type == "integer";
}

[[noreturn]] void cannot_keep(const std::string& database, const std::string& what) {
    throw Terminal("cannot back up " + database + ": it holds " + what +
                   ", which this operator cannot bring back exactly; OMS makes none of these: move "
                   "it to a database of its own");
}

// `kind` column of SHOW CREATE: what stands where differs between kinds of objects.
Row show_create(Session& session, const std::string& what, const std::string& name) {
    auto rows = session.query("SHOW CREATE " + what + " " + name);
    if (rows.empty()) {
        throw Transient("MetaDB: SHOW CREATE " + what + " " + name +
                        " gave nothing; is it being "
                        "dropped by somebody?");
    }
    return std::move(rows.front());
}

class Reader {
public:
    Reader(Session& session, const std::string& database, const Share& share)
        : session_(session), database_(database), share_(share) {
        schema_.database = database;
    }

    Schema read() {
        read_defaults();
        read_tables_and_views();
        read_columns();
        read_routines("PROCEDURE");
        read_routines("FUNCTION");
        read_events();
        read_triggers();
        refuse_sequences();
        read_definitions();
        order();
        return std::move(schema_);
    }

private:
    void read_defaults() {
        const auto rows = session_.query(
            "SELECT default_character_set_name, default_collation_name FROM "
            "information_schema.schemata WHERE schema_name = " +
            quote_text(database_));
        if (rows.empty()) {
            throw Terminal("MetaDB: there is no database " + database_ +
                           ", or this user may not see it");
        }
        schema_.character_set = text(rows.front(), 0);
        schema_.collation = text(rows.front(), 1);
    }

    void read_tables_and_views() {
        for (const Row& row : session_.query(
                 "SELECT table_name, table_type, COALESCE(engine, ''), COALESCE(data_length, 0) "
                 "FROM information_schema.tables WHERE table_schema = " +
                 quote_text(database_) + " ORDER BY table_name")) {
            const std::string type = text(row, 1);
            if (type == "VIEW") {
                schema_.others.push_back({.kind = "view", .name = text(row, 0)});
            } else if (type == "BASE TABLE") {
                Table table;
                table.name = text(row, 0);
                table.bytes = number(row, 3);
                table.is_transactional = text(row, 2) == "InnoDB" || session_.is_oceanbase();
                schema_.tables.push_back(std::move(table));
            } else {
                cannot_keep(database_, text(row, 0) + ", a " + type);
            }
        }
    }

    Table* find_table(const std::string& name) {
        const auto at = std::find_if(schema_.tables.begin(),
                                     schema_.tables.end(),
                                     [&](const Table& table) { return table.name == name; });
        return at == schema_.tables.end() ? nullptr : &*at;
    }

    void read_columns() {
        Table* table = nullptr;
        for (const Row& row : session_.query(
                 "SELECT table_name, column_name, data_type, COALESCE(character_set_name, ''), "
                 "column_type, column_key, COALESCE(extra, '') "
                 "FROM information_schema.columns WHERE table_schema = " +
                 quote_text(database_) + " ORDER BY table_name, ordinal_position")) {
            if (table == nullptr || table->name != text(row, 0)) table = find_table(text(row, 0));
            if (table != nullptr) read_column(*table, row);  // else it is a view's
        }
        for (const Table& each : schema_.tables) {
            if (each.columns.empty())
                cannot_keep(database_, "the table " + each.name + " without a column of its own");
        }
        for (Table& each : schema_.tables)
            if (keys_[each.name] != 1) each.integer_key.clear();
    }

    void read_column(Table& table, const Row& row) {
        const std::string name = text(row, 1);
        const std::string type = text(row, 2);
        const std::string extra = text(row, 6);
        if (text(row, 5) == "PRI") {
            ++keys_[table.name];
            if (is_integer(type)) table.integer_key = name;
        }
        if (session_.is_oceanbase() && (type == "enum" || type == "set")) {
            types_[{table.name, name}] = text(row, 4);
            table.unescaped.push_back({.column = name,
                                       .is_set = type == "set",
                                       .values = split_unescaped_members(text(row, 4))});
        }
        // MySQL 8 says DEFAULT_GENERATED of an ordinary column with an expression as its default.
        if (extra.find("GENERATED") != std::string::npos &&
            extra.find("DEFAULT_GENERATED") == std::string::npos)
            return;
        auto column = plan_column(name, type, text(row, 3), session_.is_oceanbase());
        if (!column) {
            cannot_keep(database_,
                        table.name + "." + name + ", a column of the type " + text(row, 4));
        }
        table.columns.push_back(std::move(*column));
    }

    void read_routines(const std::string& type) {
        for (const Row& row :
             session_.query("SELECT routine_name FROM information_schema.routines WHERE "
                            "routine_type = '" +
                            type + "' AND routine_schema = " + quote_text(database_) +
                            " ORDER BY routine_name")) {
            schema_.others.push_back(
                {.kind = type == "FUNCTION" ? "function" : "procedure", .name = text(row, 0)});
        }
        const auto unknown = session_.value(
            "SELECT routine_name FROM information_schema.routines WHERE routine_type NOT IN "
            "('PROCEDURE', 'FUNCTION') AND routine_schema = " +
            quote_text(database_) + " LIMIT 1");
        if (unknown) cannot_keep(database_, "the routine " + *unknown + " of an unknown kind");
    }

    void read_events() {
        // OceanBase before 4.3.5 has none and no such table.
        if (session_.attempt("SELECT 1 FROM information_schema.events LIMIT 0") != 0) return;
        for (const Row& row : session_.query(
                 "SELECT event_name FROM information_schema.events WHERE event_schema = " +
                 quote_text(database_) + " ORDER BY event_name"))
            schema_.others.push_back({.kind = "event", .name = text(row, 0)});
    }

    void read_triggers() {
        for (const Row& row : session_.query(
                 "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = " +
                 quote_text(database_) + " ORDER BY trigger_name"))
            schema_.others.push_back({.kind = "trigger", .name = text(row, 0)});
    }

    // MariaDB lists a sequence as a table of its own type; OceanBase keeps them elsewhere.
    void refuse_sequences() {
        if (session_.attempt("SELECT 1 FROM oceanbase.DBA_SEQUENCES LIMIT 0") != 0) return;
        const auto name = session_.value(
            "SELECT sequence_name FROM oceanbase.DBA_SEQUENCES WHERE sequence_owner = " +
            quote_text(database_) + " LIMIT 1");
        if (name) cannot_keep(database_, "the sequence " + *name);
    }

    void read_definitions() {
        share_(schema_.tables.size(), [this](Session& session, std::size_t i) {
            Table& table = schema_.tables[i];
            table.definition =
                text(show_create(session, "TABLE", quote_name(database_, table.name)), 1);
            for (const Members& members : table.unescaped) mend(table, members);
        });
        share_(schema_.others.size(),
               [this](Session& session, std::size_t i) { define(session, schema_.others[i]); });
    }

    void mend(Table& table, const Members& members) const {
        auto mended = mend_members(table.definition,
                                   members.column,
                                   types_.at({table.name, members.column}),
                                   members.values);
        if (!mended) {
            cannot_keep(database_,
                        table.name + "." + members.column + ", whose type is shown in two ways");
        }
        table.definition = std::move(*mended);
    }

    void define(Session& session, Other& other) const {
        const std::string name = quote_name(database_, other.name);
        if (other.kind == "view") {
            const Row row = show_create(session, "VIEW", name);
            other.definition = text(row, 1);
            other.collation = text(row, 3);
        } else if (other.kind == "event") {
            const Row row = show_create(session, "EVENT", name);
            other.sql_mode = text(row, 1);
            other.time_zone = text(row, 2);
            other.definition = text(row, 3);
            other.collation = text(row, 5);
        } else if (other.kind != "trigger") {
            const Row row =
                show_create(session, other.kind == "function" ? "FUNCTION" : "PROCEDURE", name);
            other.sql_mode = text(row, 1);
            other.definition = text(row, 2);
            other.collation = text(row, 4);
        }
        // A user who may not read the body gets NULL for it.
        if (other.definition.empty() && other.kind != "trigger") {
            throw Terminal("cannot back up " + other.kind + " " + other.name + " of " + database_ +
                           ": this user may not read its definition; grant it SELECT and SHOW VIEW "
                           "(for a routine: make it its definer, or grant SELECT ON mysql.*)");
        }
    }

    void order() {
        // Routines first: a view may call a function, and a routine is not resolved when created.
        std::vector<Other> views;
        std::vector<Other> rest;
        for (Other& other : schema_.others)
            (other.kind == "view" ? views : rest).push_back(std::move(other));
        schema_.others = std::move(rest);
        for (Other& view : order_views(std::move(views), database_))
            schema_.others.push_back(std::move(view));
    }

    Session& session_;
    const std::string& database_;
    const Share& share_;
    Schema schema_;
    std::map<std::string, int> keys_;
    std::map<std::pair<std::string, std::string>, std::string> types_;
};

}  // namespace

Schema read_schema(Session& session, const std::string& database, const Share& share) {
    return Reader(session, database, share).read();
}

std::string title(const Other& other) {
    return other.kind + " " + other.name + (other.kind == "trigger" ? " (left out)" : "");
}

}  // namespace oms::metadb
