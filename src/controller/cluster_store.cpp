#include "controller/cluster_store.hpp"

#include "kube/errors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace oms::controller {
namespace {

/// Tells of a write, however it ends.
class Told {
public:
    Told(WriteListener* listener, const api::Key& key) : listener_(listener), key_(key) {
        if (listener_ != nullptr) listener_->on_write(key_);
    }
    ~Told() {
        if (listener_ != nullptr) listener_->on_written(key_, version);
    }
    Told(const Told&) = delete;
    Told& operator=(const Told&) = delete;

    std::string version;

private:
    WriteListener* listener_;
    const api::Key& key_;
};

nlohmann::json change_for(Wish wish) {
    switch (wish) {
        case Wish::Approve:
            return {{"approval", "Granted"}};
        case Wish::RollBack:
            return {{"rollback", {{"requested", true}}}};
        case Wish::Pause:
            return {{"paused", true}};
        case Wish::Resume:
            break;
    }
    return {{"paused", false}};
}

}  // namespace

ClusterStore::ClusterStore(kube::Client& client,
                           std::stop_token stop,
                           WriteListener* listener,
                           Permit permit)
    : client_(client),
      upgrades_(client),
      stop_(std::move(stop)),
      listener_(listener),
      permit_(std::move(permit)) {}

/// One write under the resourceVersion of what was seen; its answer becomes the one that is seen.
void ClusterStore::write(api::OmsUpgrade& seen, const Patch& patch) {
    const std::string name = seen.key.space + "/" + seen.key.name;
    try {
        permit_.demand();
        Told told(listener_, seen.key);
        const auto version = patch();
        if (!version) throw Conflict("the upgrade " + name + " was deleted meanwhile");
        told.version = *version;
        seen.resource_version = *version;
    } catch (const kube::Conflict& error) {
        throw Conflict(error.what());
    }
}

kube::Call ClusterStore::call() const {
    return {.stop = stop_};
}

std::optional<api::OmsUpgrade> ClusterStore::find(const api::Key& key) {
    return upgrades_.find(key, call());
}

void ClusterStore::patch_status(api::OmsUpgrade& seen, const api::Status& status) {
    write(seen, [&] { return upgrades_.write_status(seen, status, call()); });
    seen.status = status;
}

void ClusterStore::set_finalizer(api::OmsUpgrade& seen, bool held) {
    write(seen,
          [&] { return held ? upgrades_.hold(seen, call()) : upgrades_.release(seen, call()); });
    std::erase(seen.finalizers, api::kFinalizer);
    if (held) seen.finalizers.emplace_back(api::kFinalizer);
}

void ClusterStore::ask(const api::Key& key, Wish wish) {
    const auto done = client_.patch(kube::upgrade_path(key),
                                    kube::Patch::Merge,
                                    nlohmann::json{{"spec", change_for(wish)}},
                                    call());
    if (!done)
        throw Terminal("there is no OMSUpgrade " + key.name + " in the namespace " + key.space);
}

std::optional<api::SecretData> ClusterStore::secret(const std::string& space,
                                                    const std::string& name) {
    return upgrades_.find_secret({space, name}, call());
}

}  // namespace oms::controller
