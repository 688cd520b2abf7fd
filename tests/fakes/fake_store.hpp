#pragma once

#include "controller/store.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace oms::fakes {

/// An API server for OMSUpgrades in memory: resource versions, conflicts, finalizers and deletion
/// as the real one has them. A test changes resources as another client would, and may have any
/// write go wrong before it is done, or its answer get lost after.
class FakeStore final : public controller::Store {
public:
    enum class Fault { None, Refuse, LoseAnswer };

    /// Asked before each write; may edit() resources first, which makes the write a conflict.
    std::function<Fault(int write)> fault = [](int) { return Fault::None; };

    std::map<api::Key, api::SecretData> secrets;

    /// As `kubectl apply` of a new one.
    void put(api::OmsUpgrade resource) {
        const std::lock_guard guard(mutex_);
        resource.generation = std::max<std::int64_t>(1, resource.generation);
        resource.resource_version = next_version();
        resources_[resource.key] = std::move(resource);
        changed_.notify_all();
    }

    /// As another client's patch. A changed spec is a new generation.
    void edit(const api::Key& key, const std::function<void(api::OmsUpgrade&)>& change) {
        const std::lock_guard guard(mutex_);
        auto& resource = resources_.at(key);
        const api::Spec spec = resource.spec;
        change(resource);
        if (resource.spec != spec) ++resource.generation;
        stored(resource);
    }

    /// As `kubectl delete`: gone at once, unless a finalizer holds it.
    void remove(const api::Key& key) {
        edit(key, [](auto& resource) { resource.deleting = true; });
    }

    bool has(const api::Key& key) const {
        const std::lock_guard guard(mutex_);
        return resources_.contains(key);
    }

    api::OmsUpgrade at(const api::Key& key) const {
        const std::lock_guard guard(mutex_);
        return resources_.at(key);
    }

    int writes() const {
        const std::lock_guard guard(mutex_);
        return writes_;
    }

    /// Waits for other threads to bring it about; false after a minute.
    bool wait_until(const std::function<bool(const std::map<api::Key, api::OmsUpgrade>&)>& holds) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::minutes{1}, [&] { return holds(resources_); });
    }

    std::optional<api::OmsUpgrade> find(const api::Key& key) override {
        const std::lock_guard guard(mutex_);
        const auto at = resources_.find(key);
        if (at == resources_.end()) return std::nullopt;
        return at->second;
    }

    void patch_status(api::OmsUpgrade& seen, const api::Status& status) override {
        write(seen, [&](auto& resource) { resource.status = status; });
    }

    void set_finalizer(api::OmsUpgrade& seen, bool held) override {
        write(seen, [&](auto& resource) {
            std::erase(resource.finalizers, api::kFinalizer);
            if (held) resource.finalizers.emplace_back(api::kFinalizer);
        });
    }

    void ask(const api::Key& key, controller::Wish wish) override {
        edit(key, [&](auto& resource) { controller::grant(wish, resource.spec); });
    }

    std::optional<api::SecretData> secret(const std::string& space,
                                          const std::string& name) override {
        const auto at = secrets.find(api::Key{space, name});
        if (at == secrets.end()) return std::nullopt;
        return at->second;
    }

private:
    void write(api::OmsUpgrade& seen, const std::function<void(api::OmsUpgrade&)>& change) {
        int number = 0;
        {
            const std::lock_guard guard(mutex_);
            number = writes_++;
        }
        const Fault chosen = fault(number);
        if (chosen == Fault::Refuse) throw Transient("the API server answered 503");
        const std::lock_guard guard(mutex_);
        const auto at = resources_.find(seen.key);
        if (at == resources_.end() || at->second.resource_version != seen.resource_version)
            throw controller::Conflict("the resource was changed");
        change(at->second);
        api::OmsUpgrade written = at->second;
        stored(at->second);
        if (chosen == Fault::LoseAnswer) throw Transient("the connection broke");
        written.resource_version = std::to_string(version_);
        seen = std::move(written);
    }

    void stored(api::OmsUpgrade& resource) {
        resource.resource_version = next_version();
        if (resource.deleting && resource.finalizers.empty()) resources_.erase(resource.key);
        changed_.notify_all();
    }

    std::string next_version() { return std::to_string(++version_); }

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<api::Key, api::OmsUpgrade> resources_;
    std::uint64_t version_ = 0;
    int writes_ = 0;
};

}  // namespace oms::fakes
