#pragma once

#include "base/permit.hpp"
#include "controller/store.hpp"
#include "kube/upgrades.hpp"

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace oms::controller {

/// Hears of each write to a resource before it is sent and after its answer, as a watch may tell of
/// it at any moment from the first on. Called by whatever thread writes; must not throw.
class WriteListener {
public:
    virtual ~WriteListener() = default;

    virtual void on_write(const api::Key&) = 0;

    /// Empty: it failed, or nobody knows.
    virtual void on_written(const api::Key&, const std::string& resource_version) = 0;
};

/// OMSUpgrades in a Kubernetes API server. Nothing is cached: what is read is what the server has.
class ClusterStore final : public Store {
public:
    /// Client and listener must live longer than the last call. `stop` ends calls under way, which
    /// then throw Stopped. Nothing is written without the permit.
    explicit ClusterStore(kube::Client& client,
                          std::stop_token stop = {},
                          WriteListener* listener = nullptr,
                          Permit permit = {});

    std::optional<api::OmsUpgrade> find(const api::Key&) override;
    void patch_status(api::OmsUpgrade& seen, const api::Status&) override;
    void set_finalizer(api::OmsUpgrade& seen, bool held) override;
    void ask(const api::Key&, Wish) override;
    std::optional<api::SecretData> secret(const std::string& space,
                                          const std::string& name) override;

private:
    using Patch = std::function<std::optional<std::string>()>;

    kube::Call call() const;
    void write(api::OmsUpgrade& seen, const Patch&);

    kube::Client& client_;
    kube::Upgrades upgrades_;
    std::stop_token stop_;
    WriteListener* listener_;
    Permit permit_;
};

}  // namespace oms::controller
