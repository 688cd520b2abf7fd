#include "metadb/restore.hpp"

#include "base/error.hpp"
#include "metadb/crew.hpp"
#include "metadb/dump_file.hpp"
#include "metadb/leftovers.hpp"
#include "metadb/statements.hpp"
#include "metadb/text.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>

namespace oms::metadb {
namespace {

constexpr unsigned kWorkers = 4;

// How many statements of a megabyte wait for a worker at most: enough that among them are some of
// several tables.
constexpr std::size_t kWaitingMax = std::size_t{4} * kWorkers;

// Statements of one kind may run beside each other; those of Alone, and the next kind, wait until
// all before them are done: a row needs its table, and a view all of them.
enum class Kind { CreateTable, Insert, Set, Alone };

Kind kind_of(std::string_view statement) {
    if (statement.starts_with("INSERT INTO ")) return Kind::Insert;
    if (statement.starts_with("CREATE TABLE ")) return Kind::CreateTable;
    if (statement.starts_with("SET ")) return Kind::Set;
    return Kind::Alone;
}

// What an INSERT goes into; of another statement something that tells it from others.
std::string table_of(std::string_view statement) {
    return std::string(statement.substr(0, statement.find(" (")));
}

struct Work {
    std::string table;
    std::string statement;
};

// Between the one who reads the dump and those who send it to the server.
class Queue {
public:
    explicit Queue(std::stop_token stop) : stop_(std::move(stop)) {}

    void push(Work work) {
        std::unique_lock lock(mutex_);
        wait(lock, [this] { return waiting_.size() < kWaitingMax; });
        waiting_.push_back(std::move(work));
        changed_.notify_all();
    }

    /// Until everything pushed so far is done.
    void drain() {
        std::unique_lock lock(mutex_);
        wait(lock, [this] { return waiting_.empty() && running_.empty(); });
    }

    void close() {
        const std::lock_guard lock(mutex_);
        is_closed_ = true;
        changed_.notify_all();
    }

    /// Empty when there will be no more. Each one taken is to be followed by done().
    ///
    /// The first whose table nobody else is loading, since two sessions that load one table wait
    /// for each other's locks and pages; where there is none, the first.
    std::optional<Work> take() {
        std::unique_lock lock(mutex_);
        wait(lock, [this] { return !waiting_.empty() || is_closed_; });
        if (waiting_.empty()) return std::nullopt;
        auto next = std::find_if(waiting_.begin(), waiting_.end(), [this](const Work& work) {
            return !running_.contains(work.table);
        });
        if (next == waiting_.end()) next = waiting_.begin();
        Work work = std::move(*next);
        waiting_.erase(next);
        running_.insert(work.table);
        changed_.notify_all();
        return work;
    }

    void done(const Work& work) {
        const std::lock_guard lock(mutex_);
        running_.erase(running_.find(work.table));
        changed_.notify_all();
    }

private:
    template <class Condition>
    void wait(std::unique_lock<std::mutex>& lock, Condition condition) {
        if (!changed_.wait(lock, stop_, condition) || stop_.stop_requested()) throw Stopped{};
    }

    std::stop_token stop_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<Work> waiting_;
    std::multiset<std::string> running_;  // tables
    bool is_closed_ = false;
};

class Loader {
public:
    Loader(Crew& crew, const std::filesystem::path& folder, const ReportProgress& report)
        : crew_(crew), folder_(folder), report_(report) {}

    void load(const DumpManifest& dump, std::uint64_t before, std::uint64_t total) {
        Session& first = *crew_.sessions().front();
        const std::string name = quote_name(dump.database);
        first.execute("DROP DATABASE IF EXISTS " + name);
        first.execute("CREATE DATABASE " + name + " CHARACTER SET " + dump.character_set +
                      " COLLATE " + dump.collation);
        for (auto& session : crew_.sessions()) session->execute("USE " + name);
        Queue queue(crew_.stop_token());
        crew_.run([&](Session& session, std::size_t i) {
            if (i == 0) {
                read(session, dump, queue, before, total);
            } else {
                work(session, queue);
            }
        });
    }

private:
    void read(Session& session,
              const DumpManifest& dump,
              Queue& queue,
              std::uint64_t before,
              std::uint64_t total) {
        DumpReader file(folder_ / dump.file, compression_of(dump.file));
        Statements statements([&file] { return file.next(); });
        Kind last = Kind::Alone;
        while (auto statement = statements.next()) {
            const Kind kind = kind_of(*statement);
            if (kind != last || kind == Kind::Alone) queue.drain();
            last = kind;
            if (kind == Kind::Alone) {
                session.execute(*statement);
            } else if (kind == Kind::Set) {
                // A stock client has one session, which the settings of a dump are for. Here all
                // others are idle now.
                for (auto& each : crew_.sessions()) each->execute(*statement);
            } else {
                std::string table = table_of(*statement);
                queue.push({std::move(table), std::move(*statement)});
            }
            if (report_) {
                report_({.what = "restoring " + dump.database,
                         .done = before + file.bytes(),
                         .total = total});
            }
        }
        queue.drain();
        queue.close();
    }

    static void work(Session& session, Queue& queue) {
        while (const auto work = queue.take()) {
            run(session, work->statement);
            queue.done(*work);
        }
    }

    // Two INSERTs into neighbouring ranges of one index may lock each other out. The one that loses
    // was rolled back whole, and is sent again. Any other error it meets again when it is sent for
    // the last time, and then throws.
    static void run(Session& session, const std::string& statement) {
        constexpr unsigned kLockWaitTimeout = 1205;
        constexpr unsigned kDeadlock = 1213;
        constexpr int kTriesMax = 20;
        for (int tries = 1; tries < kTriesMax; ++tries) {
            const unsigned error = session.attempt(statement);
            if (error == 0) return;
            if (error != kDeadlock && error != kLockWaitTimeout) break;
        }
        session.execute(statement);
    }

    Crew& crew_;
    const std::filesystem::path& folder_;
    const ReportProgress& report_;
};

void check(const DumpManifest& dump,
           const std::filesystem::path& folder,
           const std::stop_token& stop) {
    const std::string found = sha256_of(folder / dump.file, stop);
    if (found != dump.sha256) {
        throw Terminal("cannot restore " + dump.database + ": the dump " +
                       (folder / dump.file).string() + " has the SHA-256 " + found +
                       " and its manifest says " + dump.sha256 +
                       "; it was changed or damaged since it was written. Nothing was dropped");
    }
}

/// Nobody else writes into them from here on.
void take_over(Crew& crew, const std::vector<DumpManifest>& dumps, const std::stop_token& stop) {
    std::vector<std::string> databases;
    databases.reserve(dumps.size());
    for (const DumpManifest& dump : dumps) databases.push_back(dump.database);
    if (databases.empty()) return;
    // So that ours, too, are known by it. One that is not there is made first.
    for (auto& session : crew.sessions()) session->attempt("USE " + quote_name(databases.front()));
    end_leftovers(crew, databases, stop);
}

}  // namespace

void restore_databases(const Access& access,
                       const std::vector<DumpManifest>& dumps,
                       const std::filesystem::path& folder,
                       const ReportProgress& report,
                       std::stop_token stop) {
    for (const DumpManifest& dump : dumps) check(dump, folder, stop);
    std::uint64_t total = 0;
    for (const DumpManifest& dump : dumps) total += dump.bytes;
    Crew crew(access, kWorkers + 1, std::move(stop));
    take_over(crew, dumps, crew.stop_token());
    Loader loader(crew, folder, report);
    std::uint64_t before = 0;
    for (const DumpManifest& dump : dumps) {
        loader.load(dump, before, total);
        before += dump.bytes;
    }
}

}  // namespace oms::metadb
