#include "kube/seen.hpp"

#include "kube/skim.hpp"

#include <algorithm>

namespace oms::kube {
namespace {

/// FNV-1a: a change has to be noticed, nobody has to be defended against.
void mix(std::uint64_t& hash, std::string_view text) {
    if (hash == 0) hash = 14695981039346656037ULL;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
}

bool is_ours(std::string_view key) {
    return key.starts_with(api::kGroup) && key.substr(api::kGroup.size()).starts_with('/');
}

std::uint64_t fingerprint(std::string_view annotations) {
    std::uint64_t hash = 0;
    if (!is_object(annotations)) return hash;
    for (Members members(annotations); const auto member = members.next();) {
        if (!is_ours(member->key)) continue;
        mix(hash, member->key);
        mix(hash, "=");
        mix(hash, member->value);
    }
    return hash;
}

bool holds(std::string_view finalizers) {
    if (!is_array(finalizers)) return false;
    for (Elements elements(finalizers); const auto element = elements.next();)
        if (as_text(*element) == api::kFinalizer) return true;
    return false;
}

void read_metadata(Seen& seen, std::string_view metadata) {
    if (!is_object(metadata)) return;
    for (Members members(metadata); const auto member = members.next();) {
        const auto& [key, value] = *member;
        if (key == "name") {
            seen.key.name = as_text(value);
        } else if (key == "namespace") {
            seen.key.space = as_text(value);
        } else if (key == "uid") {
            seen.uid = as_text(value);
        } else if (key == "resourceVersion") {
            seen.resource_version = as_text(value);
        } else if (key == "generation") {
            seen.generation = as_number(value);
        } else if (key == "deletionTimestamp") {
            seen.deleting = value != "null";
        } else if (key == "finalizers") {
            seen.held = holds(value);
        } else if (key == "annotations") {
            seen.annotations = fingerprint(value);
        }
    }
}

std::string outcome_of(std::string_view run) {
    if (!is_object(run)) return {};
    for (Members members(run); const auto member = members.next();)
        if (member->key == "outcome") return as_text(member->value);
    return {};
}

void read_status(Seen& seen, std::string_view status) {
    if (!is_object(status)) return;
    for (Members members(status); const auto member = members.next();) {
        const auto& [key, value] = *member;
        if (key == "observedGeneration") {
            seen.observed_generation = std::max<std::int64_t>(0, as_number(value));
        } else if (key == "phase") {
            seen.phase = as_text(value);
        } else if (key == "run") {
            seen.outcome = outcome_of(value);
        }
    }
}

}  // namespace

Seen digest(std::string_view object) {
    Seen seen;
    for (Members members(object); const auto member = members.next();) {
        if (member->key == "metadata") read_metadata(seen, member->value);
        if (member->key == "status") read_status(seen, member->value);
    }
    return seen;
}

}  // namespace oms::kube
