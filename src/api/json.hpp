#pragma once

#include "api/oms_upgrade.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>

namespace oms::api {

/// Text for a person (messages, remedies) is cut to this many bytes when it is written, so that a
/// long error of somebody else's can never make the API server refuse a status.
inline constexpr std::size_t kProseBytesMax = 4096;

/// The whole resource, as `kubectl get -o json` shows it: apiVersion, kind, metadata, spec, status.
/// Throws Terminal when text that has to be kept exactly (a path, ha.config) is not UTF-8.
nlohmann::json to_json(const OmsUpgrade&);

/// With every default said, so that a later operator with other defaults reads the same upgrade.
nlohmann::json to_json(const Spec&);

/// Without what is empty or zero; `run.spec` as above. All times are Kubernetes' MicroTime, but
/// `lastTransitionTime`, which has whole seconds: a Condition comes back without its fraction.
nlohmann::json to_json(const Status&);

/// Reads what an API server or a state directory holds. Fields unknown to this operator are passed
/// over. A value it cannot read is the default instead, and one of `problems`. Never throws for
/// what it finds.
OmsUpgrade from_stored(const nlohmann::json&);

/// Reads what a person wrote. `problems` holds everything that is wrong with it, at once: unknown
/// fields, wrong types, what is missing, and what validate() finds. Its status, and what only a
/// server may set, are passed over. The namespace that is not said is "default".
OmsUpgrade from_manifest(const nlohmann::json&);

/// The first 16 hex digits of the SHA-256 of a spec's JSON, without `approval`, `paused` and
/// `rollback`: these may be edited in flight (design, section 3). Values that are defaults do not
/// count either: an operator with more fields finds the same hash, and starts nothing anew.
std::string spec_hash(const Spec&);

}  // namespace oms::api
