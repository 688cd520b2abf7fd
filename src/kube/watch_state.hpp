#pragma once

#include "base/backoff.hpp"
#include "kube/seen.hpp"
#include "kube/timing.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

namespace oms::kube {

enum class Change { Added, Modified };

/// Hears what happens to the resources of a collection. Called from one thread; must not throw and
/// must not block for long. `object` is the whole JSON text and lives until the call returns.
class WatchHandler {
public:
    virtual ~WatchHandler() = default;

    virtual void on_change(Change, const Seen&, std::string_view object) = 0;

    /// Also for what vanished unobserved; of that only key and uid are known.
    virtual void on_deleted(const Seen&) = 0;

    /// Everything that existed when the list was made has been told. After each list.
    virtual void on_synced() = 0;

    /// The API server cannot be listened to just now, and why; tried again by itself.
    virtual void on_trouble(const std::string& what) = 0;
};

/// Why a list or a watch ended other than it should.
struct Trouble {
    enum class Kind {
        Expired,    // 410: what we asked for is not kept any more
        Throttled,  // the server says when to come back
        Refused,    // an answer that will be the same next time: no rights, no such kind
        Passing,    // no answer, 5xx, an event that cannot be read
    };
    Kind kind = Kind::Passing;
    std::string what;
    std::chrono::milliseconds retry_after{0};  // Throttled only
};

/// Lists, then watches, one collection: what to ask next, and what the answers mean. No I/O and no
/// clock of its own, so that every order of answers can be tried in a test.
///
/// It remembers uid and resourceVersion of each object, nothing more. That is what makes duplicates
/// harmless, a relist silent about what has not changed, and a deletion nobody saw known.
///
/// The rules are those of client-go's reflector and kube-rs' watcher: bookmarks only move the
/// resourceVersion; 410 means relist; other trouble keeps the resourceVersion and backs off, 800 ms
/// to 30 s, from the beginning again after two minutes without.
class WatchState {
public:
    struct List {
        std::string continue_token;  // empty: the first page
    };
    struct Watch {
        std::string resource_version;
        std::chrono::seconds length{};
    };
    struct Pause {
        std::chrono::milliseconds length{};
    };
    using Task = std::variant<List, Watch, Pause>;

    WatchState(WatchHandler& handler, unsigned seed) : handler_(handler), random_(seed) {}

    /// What to do now. A pause is asked for once.
    Task next();

    /// The text of a page of a list. Throws Transient when it is cut off.
    void on_page(std::string_view list);

    /// One event of a watch. False: end the watch and call on_watch_end.
    bool on_line(std::string_view event);

    /// The server or on_line ended the watch, which had begun at `begun`.
    void on_watch_end(Instant begun, Instant now);

    /// Instead of on_page or on_watch_end.
    void on_trouble(const Trouble&, Instant now);

    std::size_t size() const { return known_.size(); }

private:
    struct Known {
        std::string uid;
        std::string resource_version;
        std::uint32_t list = 0;  // the last one it was seen in, or after
    };

    void absorb(const Seen&, std::string_view object);
    void forget(const Seen&);
    void sweep();
    void relist();
    void on_error_event(std::string_view status);
    void progress();

    WatchHandler& handler_;
    std::minstd_rand random_;
    Backoff backoff_{std::chrono::milliseconds(800), std::chrono::seconds(30)};
    std::unordered_map<std::string, Known> known_;  // by "namespace/name"
    std::string resource_version_;                  // empty: not listed yet
    std::string continue_token_;
    std::optional<std::chrono::milliseconds> pause_;
    std::optional<Trouble> event_trouble_;  // an ERROR event ended the watch
    std::optional<Instant> last_trouble_;
    std::uint32_t list_ = 0;
    int troubles_in_a_row_ = 0;
    bool heard_ = false;  // something, in this watch
    bool relisted_at_once_ = false;
};

}  // namespace oms::kube
