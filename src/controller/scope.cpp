#include "controller/scope.hpp"

#include "upgrade/intake.hpp"

namespace oms::controller {

Side side_of(const api::OmsUpgrade& resource, const Scope& scope) {
    if (scope.name.empty()) return Side::Ours;
    const bool covered = scope.covers(resource);
    if (!upgrade::in_flight(resource.status)) return covered ? Side::Ours : Side::Anothers;
    const std::string& holder = resource.status.run->held_by;
    if (holder == scope.name) return covered ? Side::Ours : Side::ToHandOver;
    return covered && holder.empty() ? Side::ToTakeUp : Side::Anothers;
}

}  // namespace oms::controller
