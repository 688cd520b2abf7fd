#pragma once

#include "metadb/schema.hpp"
#include "metadb/session.hpp"

#include <cstddef>
#include <string>

namespace oms::metadb {

/// Writes rows of one table as INSERT statements of many rows.
class RowWriter {
public:
    /// `packet_max`: the longest statement that the server takes (its max_allowed_packet).
    RowWriter(const std::string& database, const Table&, std::size_t packet_max);

    /// Adds the row to the statement that `out` ends with, or begins one. Terminal when the server
    /// could not take the row back in one packet.
    void append(const RowView&, std::string& out);

    /// Ends the statement, if one is open, so that `out` can be written away.
    void finish(std::string& out);

private:
    void append_value(const Column&, const RowView&, std::size_t column, std::string& out) const;

    const std::string& database_;
    const Table& table_;
    std::size_t packet_max_;
    std::size_t statement_bytes_;  // one that is as long ends with the row that made it so
    std::string head_;
    bool is_open_ = false;
    std::size_t begin_ = 0;  // of the open statement in `out`
};

/// "SELECT … FROM …" of the columns that RowWriter expects and RowDigest digests.
std::string select_rows(const std::string& database, const Table&, const std::string& as_of);

}  // namespace oms::metadb
