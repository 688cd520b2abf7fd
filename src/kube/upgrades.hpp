#pragma once

#include "api/oms_upgrade.hpp"
#include "api/secret_data.hpp"
#include "kube/client.hpp"
#include "kube/seen.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oms::kube {

/// "/apis/oms.oceanbase.com/v1alpha1/omsupgrades", or of one namespace when one is named.
std::string upgrades_path(std::string_view space = "");

/// ".../namespaces/{space}/omsupgrades/{name}"
std::string upgrade_path(const api::Key&);

/// The OMSUpgrade of an object's text, as from a watch. Throws Transient when it is not JSON.
api::OmsUpgrade read_upgrade(std::string_view object);

/// Of a text that was digested, what says which OMS its run works on: the key and the run's spec.
/// Ten thousand are told of in a list, so nothing else is parsed, and nothing else may be asked of
/// what comes back. It has no run when there is none.
api::OmsUpgrade read_run(const Seen&, std::string_view object);

/// The same with the whole status, and `spec.rollback` of what it asks for.
api::OmsUpgrade read_standing(const Seen&, std::string_view object);

/// OMSUpgrades and Secrets, as values. Every write goes under the resourceVersion of what its
/// caller had read: who decided on an older state gets Conflict, and nothing was changed.
class Upgrades {
public:
    explicit Upgrades(Client& client) : client_(client) {}

    std::optional<api::OmsUpgrade> find(const api::Key&, const Call& = {}) const;

    /// Of one namespace, or of all when `space` is empty.
    void list(const std::string& space,
              const std::function<void(api::OmsUpgrade)>& each,
              const Call& = {}) const;

    /// Makes `wanted` the status of what was `read`. What comes back is the new resourceVersion,
    /// or the old one when nothing differs (then nothing is sent); empty when the resource is gone.
    std::optional<std::string> write_status(const api::OmsUpgrade& read,
                                            const api::Status& wanted,
                                            const Call& = {});

    /// Our finalizer, put on or taken off; others' stay. Returns as write_status does.
    std::optional<std::string> hold(const api::OmsUpgrade& read, const Call& = {});
    std::optional<std::string> release(const api::OmsUpgrade& read, const Call& = {});

    /// Throws Terminal when there is one that cannot be read.
    std::optional<api::SecretData> find_secret(const api::Key&, const Call& = {}) const;

private:
    std::optional<std::string> patch(const std::string& path,
                                     const api::OmsUpgrade& read,
                                     nlohmann::json patch,
                                     const Call&);
    std::optional<std::string> write_finalizers(const api::OmsUpgrade& read,
                                                const std::vector<std::string>& wanted,
                                                const Call&);

    Client& client_;
};

}  // namespace oms::kube
