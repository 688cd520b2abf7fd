#include "metadb/row_writer.hpp"

#include "base/error.hpp"
#include "metadb/text.hpp"

#include <algorithm>
#include <cstdint>

namespace oms::metadb {
namespace {

// Long enough that a statement's own cost does not show. Half a packet where that is less.
constexpr std::size_t kStatementBytes = 1U << 20U;

// From here on the shorter form of a binary value is worth looking for.
constexpr std::size_t kLongBinary = 64U << 10U;

// What the protocol adds to a statement, with room to spare.
constexpr std::size_t kPacketMargin = 1024;

constexpr std::size_t kSridBytes = 4;

std::uint32_t srid_of(std::string_view geometry) {
    std::uint32_t srid = 0;
    for (std::size_t i = kSridBytes; i-- > 0;)
        srid = (srid << 8U) | static_cast<unsigned char>(geometry[i]);
    return srid;
}

}  // namespace

std::string select_rows(const std::string& database, const Table& table, const std::string& as_of) {
    std::string sql = "SELECT ";
    for (const Column& column : table.columns) {
        if (&column != &table.columns.front()) sql += ", ";
        sql += column.fetched_as;
    }
    return sql + " FROM " + quote_name(database, table.name) + as_of;
}

RowWriter::RowWriter(const std::string& database, const Table& table, std::size_t packet_max)
    : database_(database),
      table_(table),
      packet_max_(packet_max),
      statement_bytes_(std::min(kStatementBytes, packet_max / 2)) {
    head_ = "INSERT INTO " + quote_name(table.name) + " (";
    for (const Column& column : table.columns) {
        if (&column != &table.columns.front()) head_ += ", ";
        head_ += quote_name(column.name);
    }
    head_ += ") VALUES\n(";
}

void RowWriter::append(const RowView& row, std::string& out) {
    if (!is_open_) {
        begin_ = out.size();
        out += head_;
        is_open_ = true;
    } else {
        out += ",\n(";
    }
    const std::size_t row_begin = out.size();
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (i != 0) out += ',';
        append_value(table_.columns[i], row, i, out);
    }
    out += ')';
    if (const std::size_t need = head_.size() + out.size() - row_begin + kPacketMargin;
        need > packet_max_) {
        throw Terminal("cannot back up " + database_ + "." + table_.name +
                       ": a row of it needs a "
                       "packet of " +
                       std::to_string(need) +
                       " bytes to be restored and the "
                       "server's max_allowed_packet is " +
                       std::to_string(packet_max_) +
                       "; raise it with SET GLOBAL max_allowed_packet");
    }
    if (out.size() - begin_ >= statement_bytes_) {
        // A long row that came last has a statement of its own, so that both fit.
        if (out.size() - begin_ + kPacketMargin > packet_max_)
            out.replace(row_begin - 3, 3, ";\n" + head_);
        finish(out);
    }
}

void RowWriter::finish(std::string& out) {
    if (is_open_) out += ";\n";
    is_open_ = false;
}

void RowWriter::append_value(const Column& column,
                             const RowView& row,
                             std::size_t index,
                             std::string& out) const {
    if (row.is_null(index)) {
        out += "NULL";
        return;
    }
    const std::string_view value = row[index];
    switch (column.kind) {
        case ValueKind::Number:
            out += value;
            return;
        case ValueKind::Text:
            out += column.introducer;
            append_text(out, value);
            return;
        case ValueKind::Binary:
            if (value.size() < kLongBinary) {
                append_hex(out, value);
            } else {
                append_long_binary(out, value);
            }
            return;
        case ValueKind::Encoded:
            if (!value.empty()) (out += '_') += column.character_set + " ";
            append_hex(out, value);
            return;
        case ValueKind::Geometry:
            // With another system of coordinates the order of the axes would be a matter of
            // versions; OMS has no use for any of it.
            if (value.size() < kSridBytes || srid_of(value) != 0) {
                throw Terminal("cannot back up " + database_ + "." + table_.name + "." +
                               column.name + ": it holds a geometry with an SRID");
            }
            out += "ST_GeomFromWKB(";
            append_hex(out, value.substr(kSridBytes));
            out += ", 0)";
            return;
    }
}

}  // namespace oms::metadb
