#pragma once

#include "api/oms_upgrade.hpp"
#include "kube/timing.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <set>
#include <string>
#include <variant>

namespace oms::kube {

enum class EventType { Normal, Warning };

/// Something that happened to a resource, for the person who runs `kubectl describe`.
struct Event {
    api::Key about;
    std::string about_uid;
    EventType type = EventType::Normal;
    std::string reason;  // CamelCase, "BackedUp"
    std::string action;  // what was being done, CamelCase: "BackupMetaDB"
    std::string note;    // at most 1 KiB is sent

    auto operator<=>(const Event&) const = default;
};

/// Decides what becomes of an event, so that a resource in trouble does not flood its API server:
/// the same again within ten minutes counts up the first one's series; from the tenth on that
/// differ in their notes alone, they are combined into one; more than 25 writes about one resource
/// are let through at one per five minutes (client-go's aggregator and spam filter). Remembers the
/// last 4096 events and resources.
class EventLog {
public:
    struct Create {};
    struct Repeat {
        std::string name;  // of the event written first
        std::int32_t count = 0;
    };
    struct Drop {};
    using Decision = std::variant<Create, Repeat, Drop>;

    /// The event that is to be written in its place: itself, or one that says that it is combined
    /// of many.
    Event gather(Event, Instant now);

    Decision decide(const Event&, Instant now);

    /// The event was created under this name.
    void on_created(const Event&, const std::string& name, Instant now);

    /// The event that was to be repeated is gone: the next one is created anew.
    void forget(const Event&);

    static constexpr std::size_t kRemembered = 4096;

private:
    struct Series {
        std::string name;
        std::int32_t count = 1;
        Instant last{};
    };
    struct Similar {
        std::set<std::string> notes;
        Instant last{};
    };
    struct Bucket {
        double tokens = 0;
        Instant filled{};
    };

    /// A map that forgets what was used longest ago.
    template <class Key, class Value>
    class Recent {
    public:
        Value* find(const Key& key);
        Value& put(const Key& key, Value value);
        void erase(const Key& key);

    private:
        std::list<std::pair<Key, Value>> order_;  // the latest first
        std::map<Key, typename std::list<std::pair<Key, Value>>::iterator> at_;
    };

    bool take_token(const std::string& uid, Instant now);

    Recent<Event, Similar> similar_;  // by the event without its note
    Recent<Event, Series> series_;
    Recent<std::string, Bucket> buckets_;  // by uid
};

}  // namespace oms::kube
