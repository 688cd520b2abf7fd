#include "events.hpp"

namespace oms::app {

std::optional<kube::Event> event_of(const api::OmsUpgrade& resource, const api::Status& before) {
    const api::Status& now = resource.status;
    if (now.phase == before.phase || !now.run) return std::nullopt;
    const bool back = now.run->cursor.goal == api::Goal::Reverted;
    const bool bad = now.run->outcome && *now.run->outcome != api::Outcome::Succeeded &&
                     *now.run->outcome != api::Outcome::RolledBack;
    const bool turns = back && before.run && before.run->cursor.goal == api::Goal::Applied;
    // Also one that stands and waits for a person, instead of turning back.
    const bool fails = now.run->cursor.failure && !(before.run && before.run->cursor.failure);
    const bool warns = bad || turns || fails;
    return kube::Event{.about = resource.key,
                       .about_uid = resource.uid,
                       .type = warns ? kube::EventType::Warning : kube::EventType::Normal,
                       .reason = now.phase,
                       .action = now.run->cursor.phase,
                       .note = now.message};
}

}  // namespace oms::app
