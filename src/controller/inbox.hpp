#pragma once

#include "api/oms_upgrade.hpp"
#include "controller/cluster_store.hpp"
#include "kube/watch_state.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace oms::controller {

/// Turns what watches tell into keys that have to be looked at, of ten thousand resources as few
/// as can be: not those at rest, and not what we wrote ourselves. Keys are held back until every
/// watched namespace has been listed once, since only then it is known which OMS is being upgraded
/// already.
class Inbox final : public WriteListener {
public:
    struct Outlets {
        /// `object`: its text, when it is new and nothing has been recorded about it yet; else
        /// empty. All that can come of a new one is a write that fails when it has changed, so
        /// what a watch told of it is as good as what could be read.
        std::function<void(const api::Key&, std::string_view object)> changed;
        /// A run in flight, in the first list: its key and its spec, and nothing else.
        std::function<void(const api::OmsUpgrade&)> note;
        /// Everything that is there or changes, but what we wrote ourselves; also what is at rest.
        std::function<void(const kube::Seen&, std::string_view object)> told =
            [](const kube::Seen&, std::string_view) {};
        std::function<void(const kube::Seen&)> gone = [](const kube::Seen&) {};
    };

    /// `lists`: how many collections are watched.
    Inbox(Outlets outlets, std::size_t lists) : outlets_(std::move(outlets)), unlisted_(lists) {}

    void on_change(const kube::Seen&, std::string_view object);
    void on_deleted(const kube::Seen&);

    /// One collection has been listed for the first time.
    void on_first_list();

    bool is_open() const;

    /// What is told of a resource while we write it waits for the answer: only that says which of
    /// it is our own.
    void on_write(const api::Key&) override;
    void on_written(const api::Key&, const std::string& resource_version) override;

private:
    struct Writing {
        int writers = 0;
        std::vector<std::string> told;  // versions that came meanwhile
    };

    bool is_or_may_be_ours(const kube::Seen&);
    void hand_on(const api::Key&, std::string_view object);

    Outlets outlets_;
    mutable std::mutex mutex_;
    std::size_t unlisted_;
    std::vector<api::Key> held_back_;
    std::map<api::Key, std::string> written_;  // the last version we wrote, until it comes back
    std::map<api::Key, Writing> writing_;
};

/// One watch's way into the inbox.
class InboxHandler final : public kube::WatchHandler {
public:
    explicit InboxHandler(Inbox& inbox) : inbox_(inbox) {}

    void on_change(kube::Change, const kube::Seen&, std::string_view object) override;
    void on_deleted(const kube::Seen&) override;
    void on_synced() override;
    void on_trouble(const std::string& what) override;

private:
    Inbox& inbox_;
    bool listed_ = false;
};

}  // namespace oms::controller
