#include "follow.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "exit_codes.hpp"
#include "kube/upgrades.hpp"
#include "kube/watcher.hpp"

#include <condition_variable>
#include <mutex>

namespace oms::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookAtFile = 200ms;

/// What is shown, and whether there will be more.
class Shown {
public:
    Shown(View& view, api::OmsUpgrade resource) : view_(view) { show(std::move(resource)); }

    void show(api::OmsUpgrade resource) {
        if (resource_.resource_version == resource.resource_version && shown_) return;
        shown_ = true;
        resource_ = std::move(resource);
        view_.on_record(resource_);
    }

    bool has_ended() const { return resource_.status.run && resource_.status.run->outcome; }

    int end(const std::string& note) {
        view_.on_end(resource_, note);
        return exit_code_of(resource_.status);
    }

    const api::Key& key() const { return resource_.key; }

private:
    View& view_;
    api::OmsUpgrade resource_;
    bool shown_ = false;
};

/// Hears of a whole namespace, and shows the one.
class Ear final : public kube::WatchHandler {
public:
    Ear(Shown& shown, std::stop_source& enough) : shown_(shown), enough_(enough) {}

    void on_change(kube::Change, const kube::Seen& seen, std::string_view object) override {
        if (seen.key != shown_.key()) return;
        shown_.show(kube::read_upgrade(object));
        if (shown_.has_ended()) enough_.request_stop();
    }

    void on_deleted(const kube::Seen& seen) override {
        if (seen.key != shown_.key()) return;
        deleted = true;
        enough_.request_stop();
    }

    void on_synced() override {}

    void on_trouble(const std::string& what) override { log::warn(what); }

    bool deleted = false;

private:
    Shown& shown_;
    std::stop_source& enough_;
};

}  // namespace

int follow(kube::Client& client, const api::OmsUpgrade& as_found, View& view, Signals& signals) {
    Shown shown(view, as_found);
    std::stop_source enough;
    Ear ear(shown, enough);
    const std::stop_callback asked(signals.token(), [&] { enough.request_stop(); });
    if (!shown.has_ended()) {
        kube::Reflector(client, kube::upgrades_path(as_found.key.space), ear)
            .run(enough.get_token());
    }
    if (signals.caught() != 0) throw Stopped{};
    return shown.end(ear.deleted ? "It was deleted." : "");
}

int follow(controller::DirectoryStore& store,
           const api::OmsUpgrade& as_found,
           View& view,
           Signals& signals) {
    Shown shown(view, as_found);
    std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_lock lock(mutex);
    while (!shown.has_ended()) {
        changed.wait_for(lock, signals.token(), kLookAtFile, [] { return false; });
        if (signals.caught() != 0) throw Stopped{};
        auto now = store.find(as_found.key);
        if (!now) return shown.end("It was deleted.");
        shown.show(std::move(*now));
    }
    return shown.end("");
}

}  // namespace oms::app
