#pragma once

#include "api/oms_upgrade.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace oms::kube {

/// What a list or a watch tells of an OMSUpgrade, small enough to decide for ten thousand of them
/// whether there is anything to do, without keeping or parsing one.
struct Seen {
    api::Key key;
    std::string uid;
    std::string resource_version;
    std::int64_t generation = 0;
    std::int64_t observed_generation = 0;  // of its status; 0: nobody has written one
    bool deleting = false;
    bool held = false;              // by our finalizer
    std::string phase;              // status.phase
    std::string outcome;            // status.run.outcome: "Succeeded"; empty while it runs
    std::uint64_t annotations = 0;  // a fingerprint of those under our group; 0: none

    bool operator==(const Seen&) const = default;
};

/// Reads one object's JSON text, in one pass. Fields that are missing stay as they are above.
/// Throws Transient when the text is cut off.
Seen digest(std::string_view object);

}  // namespace oms::kube
