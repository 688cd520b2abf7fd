#pragma once

#include "oms/yaml_text.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

// For the .cpp files of this room: the keys of config.yaml that name MetaDB.
namespace oms {

inline constexpr std::string_view kJointPrefix = "oms_meta_";
inline constexpr std::string_view kRmPrefix = "oms_rm_meta_";
inline constexpr std::string_view kCmPrefix = "oms_cm_meta_";
inline constexpr std::array<std::string_view, 4> kMetaParts{"host", "port", "user", "password"};

/// What scripts of OMS trip over in a password (oms-facts 3).
inline constexpr std::string_view kForbiddenInPasswords = "\n\r\t |\"'`()=;/&[]{}";

/// Which of the twelve keys a config.yaml has, at its top level.
struct MetaKeysFound {
    std::vector<std::string> joint;
    std::vector<std::string> split;

    bool all_joint() const { return joint.size() == kMetaParts.size(); }
    bool all_split() const { return split.size() == 2 * kMetaParts.size(); }
};

MetaKeysFound find_meta_keys(const YamlNode& root);

/// "a, b and c".
std::string listed(const std::vector<std::string>& names);

/// Reads the text as a map. Throws Unreadable when it is none.
YamlNode read_yaml_map(std::string_view text);

/// Keys that some map of the document says more than once, with their lines. YAML's readers keep
/// one of them or the other.
struct DoubledKey {
    std::string key;
    std::string lines;  // "3 and 7"
};
std::vector<DoubledKey> find_doubled_keys(const YamlNode& root);

/// The value of a top-level key, or none.
const YamlNode* find_value(const YamlNode& root, std::string_view key);

}  // namespace oms
