#include "kube/watch_state.hpp"

#include "base/error.hpp"
#include "kube/refusal.hpp"
#include "kube/skim.hpp"

#include <utility>

namespace oms::kube {
namespace {

/// A server whose machine is gone says nothing, and neither does a quiet collection: only the end
/// of a watch, which the server was told, tells the one from the other. So a watch is short
/// (client-go lets it last five to ten minutes), which costs a request a minute; of different
/// lengths, so that many do not end together.
constexpr std::int64_t kWatchSecondsMin = 60;
constexpr std::int64_t kWatchSecondsMax = 120;
/// client-go: a watch that ends sooner than this without an event is trouble, not a watch.
constexpr std::chrono::seconds kShortWatch{1};
constexpr std::chrono::minutes kHealthy{2};
/// So many failures with one resourceVersion, and it is the resourceVersion that is suspected: an
/// etcd that was restored from a backup is behind it, for example.
constexpr int kTroublesUntilRelist = 5;

std::string id_of(const api::Key& key) {
    return key.space + "/" + key.name;
}

api::Key key_of(const std::string& id) {
    const auto slash = id.find('/');
    return {id.substr(0, slash), id.substr(slash + 1)};
}

Seen vanished(const std::string& id, const std::string& uid) {
    Seen seen;
    seen.key = key_of(id);
    seen.uid = uid;
    return seen;
}

struct Page {
    std::string version;
    std::string continue_token;
    std::string_view items;
};

Page read_page(std::string_view list) {
    Page page;
    for (Members members(list); const auto member = members.next();) {
        if (member->key == "items") page.items = member->value;
        if (member->key != "metadata" || !is_object(member->value)) continue;
        for (Members metadata(member->value); const auto field = metadata.next();) {
            if (field->key == "continue") page.continue_token = as_text(field->value);
            if (field->key == "resourceVersion") page.version = as_text(field->value);
        }
    }
    return page;
}

}  // namespace

WatchState::Task WatchState::next() {
    if (pause_) return Pause{*std::exchange(pause_, std::nullopt)};
    if (resource_version_.empty()) {
        // From the beginning: what a list that was given up had seen does not count any more.
        if (continue_token_.empty()) ++list_;
        return List{continue_token_};
    }
    std::uniform_int_distribution<std::int64_t> seconds(kWatchSecondsMin, kWatchSecondsMax);
    heard_ = false;
    return Watch{resource_version_, std::chrono::seconds(seconds(random_))};
}

void WatchState::on_page(std::string_view list) {
    auto [version, continue_token, items] = read_page(list);
    if (version.empty()) throw Transient("the API server's list has no resourceVersion");
    if (is_array(items)) {
        for (Elements elements(items); const auto object = elements.next();)
            absorb(digest(*object), *object);
    }
    troubles_in_a_row_ = 0;
    continue_token_ = std::move(continue_token);
    if (!continue_token_.empty()) return;
    sweep();
    resource_version_ = std::move(version);
    handler_.on_synced();
}

bool WatchState::on_line(std::string_view event) {
    std::string type;
    std::string_view object;
    Seen seen;
    try {
        for (Members members(event); const auto member = members.next();) {
            if (member->key == "type") type = as_text(member->value);
            if (member->key == "object") object = member->value;
        }
        if (type != "ERROR") seen = digest(object);
    } catch (const Transient& failure) {
        event_trouble_ = Trouble{Trouble::Kind::Passing, failure.what()};
        return false;
    }
    if (type == "ERROR") {
        on_error_event(object);
        return false;
    }
    progress();
    if (!seen.resource_version.empty()) resource_version_ = seen.resource_version;
    if (type == "ADDED" || type == "MODIFIED") absorb(seen, object);
    if (type == "DELETED") forget(seen);
    return true;
}

void WatchState::on_error_event(std::string_view status) {
    const auto refusal = read_refusal(status);
    Trouble trouble{Trouble::Kind::Passing,
                    "the watch ended with " + std::to_string(refusal.code) + " " + refusal.reason +
                        ": " + refusal.message};
    if (refusal.code == 410 || refusal.reason == "Expired" || refusal.reason == "Gone") {
        trouble.kind = Trouble::Kind::Expired;
    } else if (refusal.retry_after) {
        trouble.kind = Trouble::Kind::Throttled;
        trouble.retry_after = *refusal.retry_after;
    }
    event_trouble_ = std::move(trouble);
}

void WatchState::on_watch_end(Instant begun, Instant now) {
    if (event_trouble_) {
        on_trouble(*std::exchange(event_trouble_, std::nullopt), now);
    } else if (!heard_ && now - begun < kShortWatch) {
        on_trouble({Trouble::Kind::Passing, "the API server ended a watch as soon as it began"},
                   now);
    }
}

void WatchState::on_trouble(const Trouble& trouble, Instant now) {
    event_trouble_.reset();
    if (trouble.kind == Trouble::Kind::Expired) {
        relist();
        // At once, as nothing is wrong with the server; but not in circles.
        if (!std::exchange(relisted_at_once_, true)) return;
    }
    if (last_trouble_ && now - *last_trouble_ >= kHealthy) backoff_.reset();
    last_trouble_ = now;
    ++troubles_in_a_row_;
    const auto pause = backoff_.next();
    pause_ = trouble.kind == Trouble::Kind::Throttled ? trouble.retry_after : pause;
    const bool version_suspected = troubles_in_a_row_ >= kTroublesUntilRelist;
    if (trouble.kind == Trouble::Kind::Refused || version_suspected) relist();
    handler_.on_trouble(trouble.what);
}

void WatchState::relist() {
    resource_version_.clear();
    continue_token_.clear();
    troubles_in_a_row_ = 0;
}

void WatchState::progress() {
    heard_ = true;
    relisted_at_once_ = false;
    troubles_in_a_row_ = 0;
}

void WatchState::absorb(const Seen& seen, std::string_view object) {
    const auto [at, fresh] = known_.try_emplace(id_of(seen.key));
    auto& [id, known] = *at;
    known.list = list_;
    if (known.uid == seen.uid && known.resource_version == seen.resource_version) return;
    const bool replaced = !fresh && known.uid != seen.uid;
    if (replaced) handler_.on_deleted(vanished(id, known.uid));
    known.uid = seen.uid;
    known.resource_version = seen.resource_version;
    handler_.on_change(fresh || replaced ? Change::Added : Change::Modified, seen, object);
}

void WatchState::forget(const Seen& seen) {
    const auto known = known_.find(id_of(seen.key));
    if (known == known_.end() || known->second.uid != seen.uid) return;
    known_.erase(known);
    handler_.on_deleted(seen);
}

void WatchState::sweep() {
    for (auto at = known_.begin(); at != known_.end();) {
        if (at->second.list == list_) {
            ++at;
            continue;
        }
        handler_.on_deleted(vanished(at->first, at->second.uid));
        at = known_.erase(at);
    }
}

}  // namespace oms::kube
