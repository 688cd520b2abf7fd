#include "controller/inbox.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "kube/upgrades.hpp"

#include <algorithm>

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

bool is_new(const kube::Seen& seen) {
    return seen.observed_generation == 0 && seen.outcome.empty() && !seen.deleting && !seen.held;
}

bool may_be_in_flight(const kube::Seen& seen) {
    return seen.observed_generation != 0 && (seen.outcome.empty() || seen.outcome == "Failed");
}

}  // namespace

void Inbox::on_change(const kube::Seen& seen, std::string_view object) {
    if (is_or_may_be_ours(seen)) return;
    outlets_.told(seen, object);
    if (is_at_rest(seen)) return;
    if (!is_open() && may_be_in_flight(seen)) {
        try {
            outlets_.note(kube::read_run(seen, object));
        } catch (const Failure& error) {
            // It is looked at again before anything is done about it.
            log::warn("cannot read a listed upgrade",
                      {{"upgrade", seen.key.space + "/" + seen.key.name}, {"error", error.what()}});
        }
    }
    hand_on(seen.key, is_new(seen) ? object : std::string_view());
}

void Inbox::on_deleted(const kube::Seen& seen) {
    {
        const std::lock_guard guard(mutex_);
        written_.erase(seen.key);
    }
    outlets_.gone(seen);
    hand_on(seen.key, {});
}

void Inbox::hand_on(const api::Key& key, std::string_view object) {
    {
        const std::lock_guard guard(mutex_);
        if (unlisted_ > 0) {
            held_back_.push_back(key);
            return;
        }
    }
    outlets_.changed(key, object);
}

void Inbox::on_first_list() {
    std::vector<api::Key> keys;
    {
        const std::lock_guard guard(mutex_);
        if (--unlisted_ > 0) return;
        keys.swap(held_back_);
    }
    for (const auto& key : keys) outlets_.changed(key, {});
}

bool Inbox::is_open() const {
    const std::lock_guard guard(mutex_);
    return unlisted_ == 0;
}

void Inbox::on_write(const api::Key& key) {
    const std::lock_guard guard(mutex_);
    ++writing_[key].writers;
}

void Inbox::on_written(const api::Key& key, const std::string& resource_version) {
    {
        const std::lock_guard guard(mutex_);
        const auto writing = writing_.find(key);
        auto& told = writing->second.told;
        if (!resource_version.empty()) {
            const auto mine = std::find(told.begin(), told.end(), resource_version);
            if (mine != told.end()) {
                // What came before it was known to us: the write would have failed otherwise.
                told.erase(told.begin(), mine + 1);
            } else {
                if (written_.size() >= kWrittenMax) written_.clear();
                written_[key] = resource_version;
            }
        }
        if (--writing->second.writers > 0) return;
        const bool somebody_elses = !told.empty();
        writing_.erase(writing);
        if (!somebody_elses) return;
    }
    hand_on(key, {});
}

bool Inbox::is_or_may_be_ours(const kube::Seen& seen) {
    const std::lock_guard guard(mutex_);
    const auto mine = written_.find(seen.key);
    if (mine != written_.end() && mine->second == seen.resource_version) {
        written_.erase(mine);
        return true;
    }
    const auto writing = writing_.find(seen.key);
    if (writing == writing_.end()) return false;
    writing->second.told.push_back(seen.resource_version);
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
