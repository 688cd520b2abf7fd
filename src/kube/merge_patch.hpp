#pragma once

#include <nlohmann/json_fwd.hpp>

namespace oms::kube {

/// The smallest JSON Merge Patch (RFC 7386) that makes `to` out of `from`: what is the same is left
/// out, what is gone is null. An empty object when nothing differs. Fields that `from` does not
/// show are never touched, so what a later operator wrote stays. Neither side may hold nulls: a
/// merge patch cannot say them.
nlohmann::json merge_patch(const nlohmann::json& from, const nlohmann::json& to);

}  // namespace oms::kube
