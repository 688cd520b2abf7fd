#include "metadb/session.hpp"

#include "base/error.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <mysql.h>

namespace oms::metadb {
namespace {

// A server that does not take a connection in this time is away; the runner tries again. Below the
// two seconds within which a stop token is obeyed, since a connect cannot be interrupted.
constexpr unsigned kConnectSecondsOfCopy = 2;
constexpr unsigned kConnectSecondsOfLook = 5;
constexpr unsigned kAnswerSecondsOfLook = 15;
constexpr unsigned kAnswerSecondsOfCopy = 24 * 3600;

constexpr std::size_t kAnswerBytesMax = 64U << 20U;

// A peer that vanished without a word (power, network) is noticed within half a minute, although a
// long statement may be silent for longer than that.
void keep_alive(int fd) {
    const std::array<std::array<int, 2>, 3> options{
        {{TCP_KEEPIDLE, 10}, {TCP_KEEPINTVL, 5}, {TCP_KEEPCNT, 4}}};
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    for (const auto& [name, value] : options)
        ::setsockopt(fd, IPPROTO_TCP, name, &value, sizeof value);
}

// Ends whatever is being read or written on a connection. It is to be closed by a reset: a server
// that waits for us to read would otherwise notice only at its next probe, which may be two minutes
// away, and keep its locks until then.
void break_off(int fd) {
    const linger reset{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    ::shutdown(fd, SHUT_RDWR);
}

// Enough of a statement to know it by, and never its data.
std::string head_of(std::string_view sql) {
    constexpr std::size_t kHead = 100;
    const std::size_t values = sql.find(" VALUES");
    const std::size_t line = sql.find('\n');
    return std::string(sql.substr(0, std::min({kHead, values, line})));
}

const char* remedy(unsigned error) {
    switch (error) {
        case 1044:
        case 1142:
        case 1227:
            return "; grant the right that the message names";
        case 1045:
            return "; check the user name (with @tenant on OceanBase) and the password";
        case 1049:
            return "; check the database names in config.yaml";
        case 1153:
            return "; raise max_allowed_packet of the server";
        case 2002:
        case 2003:
        case 2005:
            return "; check that host and port are right and reachable from here";
        default:
            return "";
    }
}

// A result that is being read. Freeing one reads what is left of it; when the reader gave up, that
// may be gigabytes, so the connection is broken off instead.
struct Streamed {
    MYSQL* mysql;
    MYSQL_RES* rows;
    bool read_to_the_end = false;

    explicit Streamed(MYSQL* connection) : mysql(connection), rows(mysql_use_result(connection)) {}
    ~Streamed() {
        if (rows == nullptr) return;
        if (!read_to_the_end) break_off(static_cast<int>(mysql_get_socket(mysql)));
        mysql_free_result(rows);
    }
    Streamed(const Streamed&) = delete;
    Streamed& operator=(const Streamed&) = delete;
};

}  // namespace

bool is_transient(unsigned error) {
    constexpr std::array kTransient{
        // client: cannot connect, unknown host, gone, lost
        2002U,
        2003U,
        2005U,
        2006U,
        2012U,
        2013U,
        2055U,
        // too many connections, shutting down, broken off, lock wait, deadlock, killed
        1040U,
        1053U,
        1077U,
        1158U,
        1159U,
        1160U,
        1161U,
        1184U,
        1203U,
        1205U,
        1213U,
        1317U,
        1927U,
        // the table's definition changed after the snapshot
        1412U,
        // OceanBase: timeout, no memory just now, "internal error" (a DDL statement that met
        // another one's schema version answers so, and succeeds the next time), try again, not the
        // leader, RPC lost, schema busy, transaction killed, rolled back, timed out, the leader no
        // longer
        4012U,
        4013U,
        4016U,
        4023U,
        4030U,
        4038U,
        4122U,
        4124U,
        5627U,
        6001U,
        6002U,
        6003U,
        6005U,
        6224U,
        6226U};
    return std::find(kTransient.begin(), kTransient.end(), error) != kTransient.end();
}

struct Session::Handle {
    MYSQL* mysql = nullptr;
    // Destroyed before the connection is closed, so that it never shuts down somebody else's
    // descriptor of the same number.
    std::optional<std::stop_callback<std::function<void()>>> on_stop;

    Handle() {
        static std::once_flag once;
        std::call_once(once, [] { mysql_library_init(0, nullptr, nullptr); });
        mysql = mysql_init(nullptr);
    }
    ~Handle() {
        on_stop.reset();
        mysql_close(mysql);
    }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
};

Session::Session(const Access& access, Purpose purpose, std::stop_token stop)
    : stop_(std::move(stop)), permit_(access.permit) {
    const Address& address = access.address;
    where_ = address.host + ":" + std::to_string(address.port) + " as " + address.user;
    // A second try within the copy's short time limit: a SYN that was lost is sent again after one
    // second, and a busy host may need longer than two for its handshake.
    for (int tries_left = purpose == Purpose::Copy ? 2 : 0;; --tries_left) {
        try {
            connect(address, purpose);
            return;
        } catch (const Transient&) {
            if (tries_left == 0) throw;
        }
    }
}

Session::~Session() = default;

void Session::connect(const Address& address, Purpose purpose) {
    if (stop_.stop_requested()) throw Stopped{};
    handle_ = std::make_unique<Handle>();
    MYSQL* mysql = handle_->mysql;
    if (mysql == nullptr) throw Terminal("cannot connect to " + where_ + ": out of memory");
    const bool copies = purpose == Purpose::Copy;
    const unsigned connect_seconds = copies ? kConnectSecondsOfCopy : kConnectSecondsOfLook;
    const unsigned answer_seconds = copies ? kAnswerSecondsOfCopy : kAnswerSecondsOfLook;
    const unsigned long packet_max = 1UL << 30U;
    const unsigned no = 0;
    const unsigned tcp = MYSQL_PROTOCOL_TCP;
    mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect_seconds);
    mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &answer_seconds);
    mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &answer_seconds);
    mysql_options(mysql, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet_max);
    mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &no);
    mysql_options(mysql, MYSQL_OPT_PROTOCOL, &tcp);
    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (mysql_real_connect(mysql,
                           address.host.c_str(),
                           address.user.c_str(),
                           address.password.reveal().c_str(),
                           nullptr,
                           address.port,
                           nullptr,
                           CLIENT_FOUND_ROWS) == nullptr)
        fail("connect");
    const int fd = static_cast<int>(mysql_get_socket(mysql));
    keep_alive(fd);
    if (stop_.stop_possible()) handle_->on_stop.emplace(stop_, [fd] { break_off(fd); });
    set_up(purpose);
}

void Session::set_up(Purpose purpose) {
    version_ = value("SELECT CONCAT(VERSION(), ' ', @@version_comment)").value_or("");
    is_oceanbase_ = version_.find("OceanBase") != std::string::npos;
    execute("SET NAMES utf8mb4");
    if (is_oceanbase_) {
        // Both count in microseconds, the time in which we read included; 10 s is the default.
        const char* const most = purpose == Purpose::Copy ? "86400000000" : "15000000";
        execute(std::string("SET SESSION ob_query_timeout = ") + most +
                ", SESSION ob_trx_timeout = " + most);
    }
    if (purpose == Purpose::Look) {
        execute("SET SESSION sql_mode = 'STRICT_ALL_TABLES', SESSION autocommit = 1");
        return;
    }
    // unique_checks stay on: without them MariaDB fills an empty table under a lock of the whole
    // table, and parallel sessions end in deadlocks.
    // Not strict: what a table holds may be what strict mode would refuse today (zero dates, 31
    // February, the empty ENUM). That it came back the same, the digests say.
    execute(
        "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', "
        "SESSION autocommit = 1, SESSION time_zone = '+00:00', "
        "SESSION foreign_key_checks = 0, "
        "SESSION net_read_timeout = 3600, SESSION net_write_timeout = 3600, "
        "SESSION wait_timeout = 86400");
}

void Session::fail(std::string_view doing) const {
    if (stop_.stop_requested()) throw Stopped{};
    MYSQL* mysql = handle_->mysql;
    const unsigned error = mysql_errno(mysql);
    const std::string message = "MetaDB " + where_ + ": " + std::string(doing) + ": error " +
                                std::to_string(error) + " (" + mysql_sqlstate(mysql) +
                                "): " + mysql_error(mysql) + remedy(error);
    if (is_transient(error)) throw Transient(message);
    throw Terminal(message);
}

void Session::send(std::string_view sql) {
    if (stop_.stop_requested()) throw Stopped{};
    permit_.demand();
    if (mysql_real_query(handle_->mysql, sql.data(), sql.size()) != 0) fail(head_of(sql));
}

// Reads what a statement left over (a procedure's call has a second result), so that the next one
// does not meet "commands out of sync".
void Session::finish() {
    while (mysql_next_result(handle_->mysql) == 0)
        if (MYSQL_RES* rest = mysql_use_result(handle_->mysql)) mysql_free_result(rest);
}

void Session::stream(std::string_view sql, const std::function<void(const RowView&)>& each) {
    send(sql);
    Streamed result(handle_->mysql);
    if (result.rows == nullptr) fail(head_of(sql));
    const std::size_t columns = mysql_num_fields(result.rows);
    while (MYSQL_ROW row = mysql_fetch_row(result.rows))
        each(RowView{{row, columns}, {mysql_fetch_lengths(result.rows), columns}});
    result.read_to_the_end = true;
    if (mysql_errno(handle_->mysql) != 0) fail(head_of(sql));
}

std::vector<Row> Session::query(std::string_view sql) {
    std::vector<Row> rows;
    std::size_t bytes = 0;
    stream(sql, [&](const RowView& row) {
        Row copy;
        copy.reserve(row.size());
        for (std::size_t i = 0; i < row.size(); ++i) {
            bytes += sizeof(Row::value_type) + row[i].size();
            if (row.is_null(i)) {
                copy.emplace_back();
            } else {
                copy.emplace_back(row[i]);
            }
        }
        if (bytes > kAnswerBytesMax) {
            throw Terminal("MetaDB " + where_ + ": " + head_of(sql) +
                           ": the answer has more than " + std::to_string(kAnswerBytesMax) +
                           " bytes; is this really an OMS database?");
        }
        rows.push_back(std::move(copy));
    });
    return rows;
}

std::optional<std::string> Session::value(std::string_view sql) {
    const auto rows = query(sql);
    if (rows.empty() || rows.front().empty()) return std::nullopt;
    return rows.front().front();
}

std::uint64_t Session::execute(std::string_view sql) {
    send(sql);
    MYSQL* mysql = handle_->mysql;
    if (MYSQL_RES* result = mysql_use_result(mysql)) mysql_free_result(result);
    if (mysql_errno(mysql) != 0) fail(head_of(sql));
    const std::uint64_t rows = mysql_affected_rows(mysql);
    finish();
    return rows;
}

unsigned Session::attempt(std::string_view sql) {
    // 2000 to 2999 are the client's own errors: the connection is gone.
    const auto was_lost = [](unsigned error) { return error >= 2000 && error < 3000; };
    try {
        execute(sql);
        return 0;
    } catch (const Failure&) {
        const unsigned error = mysql_errno(handle_->mysql);
        if (error == 0 || was_lost(error)) throw;
        return error;
    }
}

}  // namespace oms::metadb
