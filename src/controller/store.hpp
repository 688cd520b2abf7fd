#pragma once

#include "api/oms_upgrade.hpp"
#include "api/secret_data.hpp"
#include "base/error.hpp"
#include "controller/wish.hpp"

#include <optional>
#include <string>

namespace oms::controller {

/// Somebody changed the resource since it was read: nothing was written, read it again.
struct Conflict : Transient {
    using Transient::Transient;
};

/// Where OMSUpgrades live: a cluster's API server, or a state directory. Safe to use from several
/// threads. Throws Transient when it cannot be reached, Terminal when it refuses.
class Store {
public:
    virtual ~Store() = default;

    /// As it is now, not as some cache remembers it. Empty: there is none.
    virtual std::optional<api::OmsUpgrade> find(const api::Key&) = 0;

    /// Makes the status durable if the resource still is the one that was seen, and then takes
    /// status and resource version over into `seen`. Throws Conflict when it is another one
    /// by now, or gone.
    virtual void patch_status(api::OmsUpgrade& seen, const api::Status&) = 0;

    /// Adds or takes away the finalizer that holds a resource in flight; conditions as above.
    virtual void set_finalizer(api::OmsUpgrade& seen, bool held) = 0;

    /// Writes the wish into the resource's spec.
    virtual void ask(const api::Key&, Wish) = 0;

    /// A Secret; empty when there is none of that name.
    virtual std::optional<api::SecretData> secret(const std::string& space,
                                                  const std::string& name) = 0;
};

}  // namespace oms::controller
