#pragma once

#include "api/problem.hpp"
#include "api/spec.hpp"
#include "api/status.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace oms::api {

inline constexpr std::string_view kGroup = "oms.oceanbase.com";
inline constexpr std::string_view kVersion = "v1alpha1";
inline constexpr std::string_view kKind = "OMSUpgrade";
inline constexpr std::string_view kPlural = "omsupgrades";

/// Holds a resource in flight until OMS is back as it was.
inline constexpr std::string_view kFinalizer = "oms.oceanbase.com/rollback";

/// With the value "true": a resource that is being deleted is let go, whatever state OMS is in.
inline constexpr std::string_view kAbandon = "oms.oceanbase.com/abandon";

/// With any new value: a finished run that did not succeed is tried again with the same spec.
inline constexpr std::string_view kRetry = "oms.oceanbase.com/retry";

struct Key {
    std::string space;
    std::string name;

    auto operator<=>(const Key&) const = default;
};

/// An OMSUpgrade as its store holds it.
struct OmsUpgrade {
    Key key;
    std::string uid;
    std::string resource_version;
    std::int64_t generation = 0;
    Time created{};  // whole seconds
    bool deleting = false;
    std::vector<std::string> finalizers;
    std::map<std::string, std::string> labels;
    std::map<std::string, std::string> annotations;
    Spec spec;
    Status status;

    /// What is stored but not understood by this operator: written by a later one, or by hand. The
    /// value there is the default. Never stored. Who finds a problem under "spec" or "status.run"
    /// must not act: an upgrade that is half understood is not carried out.
    std::vector<Problem> problems;

    bool operator==(const OmsUpgrade&) const = default;
};

}  // namespace oms::api
