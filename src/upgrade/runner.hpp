#pragma once

#include "api/oms_upgrade.hpp"
#include "upgrade/decide.hpp"
#include "upgrade/phase.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>

namespace oms::upgrade {

/// Makes a status durable. In a cluster this patches the OMSUpgrade, with its resourceVersion.
class Journal {
public:
    virtual ~Journal() = default;

    /// Throws Transient when somebody else changed the resource since it was read: then nothing
    /// was recorded, and nothing may be done.
    virtual void record(const api::Status&) = 0;
};

/// How the last push of this process ended: it is told to the next step, and lost in a crash.
struct PushError {
    std::string phase;
    Goal goal = Goal::Applied;
    std::string what;
    bool terminal = false;  // no retry can help
};

struct StepEnd {
    api::Status status;  // as recorded
    std::optional<PushError> error;
    /// When to take the next step. Empty: not before the resource changes.
    std::optional<std::chrono::milliseconds> again;
};

/// Takes a run one step: observe, judge, decide, summarize, record, act.
///
/// The decision is recorded before it is acted on, and the act comes last. A
/// crash at any point therefore costs at most one push, never a phase.
class Runner {
public:
    explicit Runner(std::span<const Phase> plan) : plan_(plan) {}

    /// `resource.status.run` must be there and in flight (see intake.hpp). Throws what the journal
    /// throws; what a look or a push throws becomes part of the status.
    StepEnd step(const api::OmsUpgrade& resource,
                 Tools&,
                 Journal&,
                 const std::optional<PushError>& last) const;

private:
    std::span<const Phase> plan_;
};

}  // namespace oms::upgrade
