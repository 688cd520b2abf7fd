#pragma once

#include "api/oms_upgrade.hpp"
#include "api/secret_data.hpp"

#include <cstddef>
#include <map>
#include <string_view>
#include <vector>

namespace oms::api {

/// A manifest, or what is stored of one, is at most this big.
inline constexpr std::size_t kManifestBytesMax = 1U << 20U;

/// What a file given with `-f` holds. Every upgrade in it is valid.
struct Manifest {
    std::vector<OmsUpgrade> upgrades;
    std::map<Key, SecretData> secrets;
};

/// Reads YAML 1.2 (core schema) or JSON, one document or several, each an OMSUpgrade or a Secret.
/// `source` is the name of the file, for messages. Throws BadManifest with everything that is wrong
/// and the lines it is on: not YAML, keys that stand twice or are not text, unknown kinds and
/// fields, values out of range. Anchors and aliases may be used; merge keys (<<) and tags may not.
Manifest read_manifest(std::string_view text, std::string_view source);

/// The one OMSUpgrade of a manifest. Throws BadManifest when there is none, or several.
const OmsUpgrade& only_upgrade(const Manifest&, std::string_view source);

/// Reads what to_yaml() wrote, perhaps by another version of this operator: see from_stored().
/// Throws BadManifest when it is not YAML at all.
OmsUpgrade read_stored(std::string_view text, std::string_view source);

/// The whole resource with its status, one field a line. read_stored() reads it back.
std::string to_yaml(const OmsUpgrade&);

}  // namespace oms::api
