#include "metadb/leftovers.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "metadb/text.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>

namespace oms::metadb {
namespace {

using namespace std::chrono_literals;
using Ids = std::set<std::string>;

constexpr auto kBetweenLooks = 100ms;
constexpr int kLooksMax = 100;

Ids ids(Session& session, const std::string& condition) {
    Ids found;
    for (const Row& row :
         session.query("SELECT id FROM information_schema.processlist WHERE " + condition))
        if (row.front()) found.insert(*row.front());
    return found;
}

Ids own_ids(Crew& crew) {
    Ids own;
    for (auto& session : crew.sessions())
        if (auto id = session->value("SELECT CONNECTION_ID()")) own.insert(*std::move(id));
    return own;
}

std::string condition_of(const std::vector<std::string>& databases) {
    std::string names;
    for (const std::string& database : databases)
        names += (names.empty() ? "" : ", ") + quote_text(database);
    return "user = SUBSTRING_INDEX(USER(), '@', 1) AND db IN (" + names + ")";
}

/// Asks each of them to end; their numbers, for a message.
std::string end_each(Session& session, const Ids& own, const std::vector<std::string>& databases) {
    std::string asked;
    for (const std::string& id : ids(session, condition_of(databases))) {
        if (own.contains(id)) continue;
        asked += (asked.empty() ? "" : ", ") + id;
        // One that has gone meanwhile is refused, and that is as good.
        if (session.attempt("KILL " + id) == 0)
            log::warn("ended a session that an earlier restore left", {{"session", id}});
    }
    return asked;
}

void pause(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, kBetweenLooks, [] { return false; });
    if (stop.stop_requested()) throw Stopped{};
}

}  // namespace

void end_leftovers(Crew& crew,
                   const std::vector<std::string>& databases,
                   const std::stop_token& stop) {
    Session& first = *crew.sessions().front();
    const Ids own = own_ids(crew);
    const Ids every = ids(first, "user = SUBSTRING_INDEX(USER(), '@', 1)");
    if (!std::includes(every.begin(), every.end(), own.begin(), own.end())) {
        log::warn(
            "the server does not show our sessions under their numbers: those that an "
            "earlier restore may have left cannot be ended");
        return;
    }
    std::string left;
    for (int looks = 0; looks < kLooksMax; ++looks) {
        if (looks > 0) pause(stop);
        left = end_each(first, own, databases);
        if (left.empty()) return;
    }
    throw Transient("the sessions " + left +
                    " of our user still use a database that is to be "
                    "restored, and do not end although they were killed; end them (KILL)");
}

}  // namespace oms::metadb
