#pragma once

#include "api/spec.hpp"

#include <optional>
#include <string_view>

namespace oms::controller {

/// What a person may ask of an upgrade without writing a manifest: the verbs `approve`, `rollback`,
/// `pause` and `resume`.
enum class Wish { Approve, RollBack, Pause, Resume };

/// The verb's name.
std::string_view to_string(Wish);

/// Empty when no wish is called so.
std::optional<Wish> read_wish(std::string_view);

/// Makes the spec what is wished for. To approve what needs no approval changes nothing.
void grant(Wish, api::Spec&);

}  // namespace oms::controller
