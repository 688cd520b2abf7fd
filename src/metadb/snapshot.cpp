#include "metadb/snapshot.hpp"

#include "base/error.hpp"
#include "base/log.hpp"

namespace oms::metadb {
namespace {

void begin(Session& session) {
    session.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    session.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT");
}

std::optional<std::string> change_number(Session& session) {
    for (const char* const sql :
         {"SELECT current_scn()", "SELECT ts_value FROM oceanbase.V$OB_TIMESTAMP_SERVICE"})
        if (session.attempt(sql) == 0) return session.value(sql);
    return std::nullopt;
}

}  // namespace

Snapshot::Snapshot(Crew& crew) : crew_(crew) {
    auto& sessions = crew.sessions();
    Session& first = *sessions.front();
    if (first.is_oceanbase()) {
        if (const auto number = change_number(first)) {
            as_of_ = " AS OF SNAPSHOT " + *number;
            return;
        }
    } else {
        // A lock that waits for a long query would make everybody behind it wait too.
        first.execute("SET SESSION lock_wait_timeout = 3");
        is_locked_ = first.attempt("FLUSH TABLES WITH READ LOCK") == 0;
    }
    if (!is_locked_) sessions.resize(1);
    // START TRANSACTION ends no global read lock, and the session that holds it may read.
    for (auto& session : sessions) begin(*session);
}

Snapshot::~Snapshot() {
    // The lock ends with its session at the latest; a failure to say so can only mean that it has.
    try {
        release();
    } catch (const std::exception& failure) {
        log::debug("the session that held the read lock has ended", {{"why", failure.what()}});
    }
}

void Snapshot::release() {
    if (!is_locked_) return;
    is_locked_ = false;
    crew_.sessions().front()->execute("UNLOCK TABLES");
}

}  // namespace oms::metadb
