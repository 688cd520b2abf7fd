#pragma once

#include "api/oms_upgrade.hpp"
#include "upgrade/phase.hpp"

#include <span>
#include <string>

namespace oms::upgrade {

/// How an upgrade stands, in the one word that decides all summary conditions.
enum class Standing {
    Working,  // the operator is at it
    Waiting,  // for an approval, for the end of a pause, for another upgrade
    Good,     // what was asked for is there
    Bad,      // it is not, and the operator will not try again by itself
};

struct Summary {
    Standing standing = Standing::Working;
    std::string phase;    // for a person: a phase of the plan, "RollingBack", "Succeeded", ...
    std::string reason;   // CamelCase, of the summary conditions
    std::string message;  // why
};

/// How a run that is under way, or has ended, stands.
Summary summary_of(const api::Run&, const std::string& why);

/// Writes what others read: `phase`, `message`, observedGeneration, downtime and every condition.
/// The only place that does, called before every write; what it writes is right for kstatus, Argo
/// CD and `kubectl wait` whatever the run is at. Pure.
api::Status summarize(const api::OmsUpgrade& resource,
                      api::Status,
                      const Summary&,
                      std::span<const Phase> plan,
                      Time now);

}  // namespace oms::upgrade
