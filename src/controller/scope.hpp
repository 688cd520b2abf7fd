#pragma once

#include "api/oms_upgrade.hpp"

#include <functional>
#include <string>

namespace oms::controller {

/// Which upgrades this operator works on, where several share a fleet by the labels of its
/// resources (`run --selector`). All upgrades of one OMS must be of the same operator: none knows
/// what the others have in hand.
///
/// A run in flight says which operator holds it (status.run.heldBy), and nobody else touches it.
/// When its labels begin to fit another operator, the push under way is interrupted, and at the
/// safe point that this leads to, the one that held it lets go of it: a write under the
/// resourceVersion, after which it does nothing more about the resource. Only then the other takes
/// it up, from the phase it is at. The finalizer stays all the while. So nothing is lost, since the
/// run is in the resource, and nothing is done twice, since one of them holds it at a time, however
/// late a watch tells of the labels. If the holder is not there just now, the run waits for it; if
/// it is gone for good, a person takes its name out of the status (docs/install.md).
struct Scope {
    /// The operator's own, the same after every start: "oms-system/oms-operator-bank". Empty: there
    /// is no other, everything is ours, whoever held it.
    std::string name;
    std::function<bool(const api::OmsUpgrade&)> covers = [](const api::OmsUpgrade&) {
        return true;
    };
};

enum class Side {
    Ours,
    ToTakeUp,    // ours, and to be marked so before anything is done
    ToHandOver,  // ours until now: to be let go of when nothing of it is under way
    Anothers,
};

/// Pure.
Side side_of(const api::OmsUpgrade&, const Scope&);

}  // namespace oms::controller
