#include "controller/inbox.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "kube/upgrades.hpp"

namespace oms::controller {
namespace {

/// Versions we wrote and have not seen come back yet. More than this are forgotten, which costs a
/// needless look each.
constexpr std::size_t kWrittenMax = 4096;

/// Nothing can be due: the run ended, and its status says so about the resource as it is now. A
/// retry is asked for by an annotation, and what is held or deleted has its finalizer to lose.
bool is_at_rest(const kube::Seen& seen) {
    return !seen.outcome.empty() && seen.outcome != "Failed" &&
           seen.generation == seen.observed_generation && seen.annotations == 0 && !seen.deleting &&
           !seen.held;
}

bool may_be_in_flight(const kube::Seen& seen) {
    return seen.observed_generation != 0 && (seen.outcome.empty() || seen.outcome == "Failed");
}

}  // namespace

void Inbox::on_change(const kube::Seen& seen, std::string_view object) {
    if (is_echo(seen) || is_at_rest(seen)) return;
    if (!is_open() && may_be_in_flight(seen)) {
        try {
            outlets_.note(kube::read_upgrade(object));
        } catch (const Failure& error) {
            // It is looked at again before anything is done about it.
            log::warn("cannot read a listed upgrade",
                      {{"upgrade", seen.key.space + "/" + seen.key.name}, {"error", error.what()}});
        }
    }
    hand_on(seen.key);
}

void Inbox::on_deleted(const kube::Seen& seen) {
    hand_on(seen.key);
}

void Inbox::hand_on(const api::Key& key) {
    {
        const std::lock_guard guard(mutex_);
        if (unlisted_ > 0) {
            held_back_.push_back(key);
            return;
        }
    }
    outlets_.changed(key);
}

void Inbox::on_first_list() {
    std::vector<api::Key> keys;
    {
        const std::lock_guard guard(mutex_);
        if (--unlisted_ > 0) return;
        keys.swap(held_back_);
    }
    for (const auto& key : keys) outlets_.changed(key);
}

bool Inbox::is_open() const {
    const std::lock_guard guard(mutex_);
    return unlisted_ == 0;
}

void Inbox::wrote(const api::Key& key, const std::string& resource_version) {
    const std::lock_guard guard(mutex_);
    if (written_.size() >= kWrittenMax) written_.clear();
    written_[key] = resource_version;
}

bool Inbox::is_echo(const kube::Seen& seen) {
    const std::lock_guard guard(mutex_);
    const auto mine = written_.find(seen.key);
    if (mine == written_.end() || mine->second != seen.resource_version) return false;
    written_.erase(mine);
    return true;
}

void InboxHandler::on_change(kube::Change, const kube::Seen& seen, std::string_view object) {
    inbox_.on_change(seen, object);
}

void InboxHandler::on_deleted(const kube::Seen& seen) {
    inbox_.on_deleted(seen);
}

void InboxHandler::on_synced() {
    if (listed_) return;
    listed_ = true;
    inbox_.on_first_list();
}

void InboxHandler::on_trouble(const std::string& what) {
    log::warn("cannot watch the API server just now", {{"error", what}});
}

}  // namespace oms::controller
