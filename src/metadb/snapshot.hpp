#pragma once

#include "metadb/crew.hpp"

#include <optional>
#include <string>

namespace oms::metadb {

/// One state of the server that all sessions of a crew read, whatever is written meanwhile.
///
/// OceanBase: every SELECT names one system change number (AS OF SNAPSHOT), which it keeps for
/// undo_retention, 30 minutes by default. MySQL and MariaDB: all transactions begin under a FLUSH
/// TABLES WITH READ LOCK that lasts some milliseconds. Where neither is to be had (an OceanBase
/// without current_scn(), a user without RELOAD, a lock that does not come), the crew shrinks to
/// one session and its transaction.
class Snapshot {
public:
    explicit Snapshot(Crew&);
    ~Snapshot();
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

    /// What follows the table's name: " AS OF SNAPSHOT 1795414445167405009", or nothing.
    const std::string& as_of() const { return as_of_; }

    /// Whether nobody can write until release(): what tables without transactions need.
    bool is_locked() const { return is_locked_; }

    /// Ends the lock. To be called as soon as it is known that no table needs it.
    void release();

private:
    Crew& crew_;
    std::string as_of_;
    bool is_locked_ = false;
};

}  // namespace oms::metadb
