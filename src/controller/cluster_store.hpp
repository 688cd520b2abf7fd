#pragma once

#include "controller/store.hpp"
#include "kube/upgrades.hpp"

#include <stop_token>

namespace oms::controller {

/// OMSUpgrades in a Kubernetes API server. Nothing is cached: what is read is what the server has.
class ClusterStore final : public Store {
public:
    /// The client must live longer. `stop` ends calls under way, which then throw Stopped.
    explicit ClusterStore(kube::Client& client, std::stop_token stop = {});

    std::optional<api::OmsUpgrade> find(const api::Key&) override;
    void patch_status(api::OmsUpgrade& seen, const api::Status&) override;
    void set_finalizer(api::OmsUpgrade& seen, bool held) override;
    void ask(const api::Key&, Wish) override;
    std::optional<api::SecretData> secret(const std::string& space,
                                          const std::string& name) override;

private:
    kube::Call call() const;

    kube::Client& client_;
    kube::Upgrades upgrades_;
    std::stop_token stop_;
};

}  // namespace oms::controller
