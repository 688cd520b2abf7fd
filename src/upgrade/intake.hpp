#pragma once

#include "api/oms_upgrade.hpp"
#include "upgrade/phase.hpp"

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace oms::upgrade {

// What to do with a resource before anything of the world is looked at.
struct Admit {  // a step of its run may be taken, once `status` is recorded where it differs
    api::Status status;
};
struct Hang {  // nothing to do before the resource changes; `status` is how it should read
    api::Status status;
    bool look_again = false;  // or before another upgrade of the same OMS has ended
};
struct LetGo {};  // it is being deleted, and its finalizer may go

using Intake = std::variant<Admit, Hang, LetGo>;

/// The life of a resource (design, section 3): begins a run and pins its spec, begins no second one
/// for an unchanged spec, nor for an edit of a finished upgrade that asks for nothing newer, takes
/// an edit up when the run in flight has ended, turns a run around for a rollback or a deletion,
/// and waits while paused or while `other` upgrades the same OMS.
///
/// `problem`: what validation of the spec says, if anything. A run in flight has an `other` only
/// where it discovered a node that the other one works on, and is refused. Pure.
Intake take_in(const api::OmsUpgrade&,
               const std::optional<std::string>& problem,
               const std::optional<api::Key>& other,
               std::span<const Phase> plan,
               Time now);

/// Must a push that is under way be interrupted for what the resource now says?
bool interrupts(const api::OmsUpgrade&);

/// Is a run under way, so that no other upgrade may touch the same OMS? A failed rollback is.
bool in_flight(const api::Status&);

/// Two resources with an equal name among these are about the same OMS: endpoint and container.
std::vector<std::string> oms_names(const api::Spec&);
bool is_same_oms(const api::Spec&, const api::Spec&);

}  // namespace oms::upgrade
