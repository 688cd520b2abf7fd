#include "controller/wish.hpp"

#include <array>
#include <utility>

namespace oms::controller {
namespace {

constexpr std::array<std::pair<Wish, std::string_view>, 4> kNames{{
    {Wish::Approve, "approve"},
    {Wish::RollBack, "rollback"},
    {Wish::Pause, "pause"},
    {Wish::Resume, "resume"},
}};

}  // namespace

std::string_view to_string(Wish wish) {
    for (const auto& [one, name] : kNames)
        if (one == wish) return name;
    return "";
}

std::optional<Wish> read_wish(std::string_view text) {
    for (const auto& [wish, name] : kNames)
        if (name == text) return wish;
    return std::nullopt;
}

void grant(Wish wish, api::Spec& spec) {
    switch (wish) {
        case Wish::Approve:
            if (spec.approval == api::Approval::Required) spec.approval = api::Approval::Granted;
            return;
        case Wish::RollBack:
            spec.rollback.requested = true;
            return;
        case Wish::Pause:
            spec.paused = true;
            return;
        case Wish::Resume:
            spec.paused = false;
            return;
    }
}

}  // namespace oms::controller
