#pragma once

#include "metadb/meta_db.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace oms::metadb {

/// One row as the server sends it; it lives until the next one is read.
struct RowView {
    std::span<const char* const> values;
    std::span<const unsigned long> lengths;

    std::size_t size() const { return values.size(); }
    bool is_null(std::size_t column) const { return values[column] == nullptr; }

    /// The bytes of a column; empty for NULL, which is_null() tells from ''.
    std::string_view operator[](std::size_t column) const {
        return is_null(column) ? std::string_view{}
                               : std::string_view{values[column], lengths[column]};
    }
};

/// What a session is for decides what it is set up with.
enum class Purpose {
    Look,  // small questions: answers within 15 s or Transient; the server's own time zone
    Copy,  // dump, restore, compare: no limit but the stop token; UTC, no checks of keys
};

using Row = std::vector<std::optional<std::string>>;

/// One connection to a MySQL, MariaDB or OceanBase server.
///
/// Throws Transient when the server cannot be reached, went away or was too busy, Terminal when it
/// refuses, Stopped when the token given at construction was set: a call in flight then ends at
/// once, since its socket is shut down. Stopped, too, once there is no permit to send a statement.
class Session {
public:
    Session(const Access&, Purpose, std::stop_token = {});
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    bool is_oceanbase() const { return is_oceanbase_; }
    const std::string& version() const { return version_; }

    /// All rows, at most 64 MB of them: more is Terminal.
    std::vector<Row> query(std::string_view sql);

    /// The first column of the first row; empty for no row and for NULL.
    std::optional<std::string> value(std::string_view sql);

    /// Rows one by one, as they arrive; memory stays that of one row.
    void stream(std::string_view sql, const std::function<void(const RowView&)>& each);

    /// Rows that matched, whether or not the statement changed them (CLIENT_FOUND_ROWS).
    std::uint64_t execute(std::string_view sql);

    /// 0, or the number of the error with which the server refused. A connection that is lost still
    /// throws.
    unsigned attempt(std::string_view sql);

private:
    struct Handle;

    void connect(const Address&, Purpose);
    void set_up(Purpose);
    void send(std::string_view sql);
    void finish();
    [[noreturn]] void fail(std::string_view doing) const;

    std::string where_;
    std::stop_token stop_;
    Permit permit_;
    std::string version_;
    bool is_oceanbase_ = false;
    std::unique_ptr<Handle> handle_;
};

/// Whether an error of this number may go away by itself.
bool is_transient(unsigned error);

}  // namespace oms::metadb
