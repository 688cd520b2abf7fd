#pragma once

#include "metadb/session.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace oms::metadb {

/// How the values of a column are fetched and written, so that not a bit of them is lost.
enum class ValueKind {
    Number,  // as it is
    Text,  // quoted, in utf8mb4: its own character set is utf8mb4, utf8mb3 or ascii, or it has none
    Binary,   // 0x…
    Encoded,  // text in another character set: its own bytes, as _latin1 0x…
    Geometry  // ST_GeomFromWKB(0x…, srid); OceanBase takes no other form
};

struct Column {
    std::string name;
    ValueKind kind = ValueKind::Text;
    std::string character_set;  // of Encoded
    std::string fetched_as;     // what to SELECT: "`f` * 1e0"
    // Text that must be written with its character set, since its bytes alone would mean another
    // value: "_utf8mb4".
    std::string introducer = {};
};

/// The members of an ENUM or SET as they were read out of a text that does not escape quotes
/// (OceanBase's SHOW CREATE TABLE). Checked against the data before it is trusted.
struct Members {
    std::string column;
    bool is_set = false;
    std::vector<std::string> values;
};

struct Table {
    std::string name;
    std::string definition;       // SHOW CREATE TABLE, restorable
    std::vector<Column> columns;  // those that an INSERT names: no generated ones
    std::string integer_key;      // the primary key if it is one integer column, else empty
    std::uint64_t bytes = 0;      // roughly, as the server says; 0: it does not
    bool is_transactional = true;
    std::vector<Members> unescaped;
};

/// A view, routine or event; or a trigger, which a dump leaves out (procedure: --triggers=false).
struct Other {
    std::string kind;  // "view", "procedure", "function", "event", "trigger"
    std::string name;
    std::string definition;  // SHOW CREATE
    std::string sql_mode;    // in which it was created; empty for a view
    std::string time_zone;   // of an event
    std::string collation;   // of its literals
};

struct Schema {
    std::string database;
    std::string character_set;
    std::string collation;
    std::vector<Table> tables;  // by name
    std::vector<Other> others;  // in the order in which they can be created
};

/// Everything in a database but the rows. Terminal, with its name, when there is something that a
/// dump could not bring back: a sequence, a column of an unknown type.
///
/// `share(count, work)` runs work(session, 0..count-1), on several sessions at once if it likes.
using Share =
    std::function<void(std::size_t count, const std::function<void(Session&, std::size_t)>& work)>;
Schema read_schema(Session&, const std::string& database, const Share& share);

/// "view v_hosts", "trigger t (left out)": how a manifest names it.
std::string title(const Other&);

}  // namespace oms::metadb
