#include "oms/config_keys.hpp"

#include <map>
#include <utility>

namespace oms {
namespace {

void collect_doubled(const YamlNode& node, std::vector<DoubledKey>& doubled) {
    for (const auto& item : node.items) collect_doubled(item, doubled);
    std::map<std::string, std::vector<std::string>> lines;
    for (const auto& entry : node.entries) {
        // Compared as text, tags aside: `a` and "a" are one key to every reader.
        const auto name = entry.key.is_scalar() ? entry.key.value : canonical(entry.key);
        lines[name].push_back(std::to_string(entry.key.line));
        collect_doubled(entry.value, doubled);
    }
    for (const auto& [name, where] : lines) {
        if (where.size() > 1) doubled.push_back({name, listed(where)});
    }
}

}  // namespace

MetaKeysFound find_meta_keys(const YamlNode& root) {
    MetaKeysFound found;
    for (const auto part : kMetaParts) {
        const std::string joint = std::string(kJointPrefix) + std::string(part);
        if (find_value(root, joint) != nullptr) found.joint.push_back(joint);
    }
    for (const auto prefix : {kRmPrefix, kCmPrefix}) {
        for (const auto part : kMetaParts) {
            const std::string split = std::string(prefix) + std::string(part);
            if (find_value(root, split) != nullptr) found.split.push_back(split);
        }
    }
    return found;
}

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
        text += names[i];
    }
    return text;
}

YamlNode read_yaml_map(std::string_view text) {
    YamlNode root = read_yaml(text);
    if (root.kind == YamlNode::Kind::Null)
        throw Unreadable("it is empty", "put back the config.yaml this OMS was started with");
    if (!root.is_map()) {
        throw Unreadable("it is not a list of `key: value` lines",
                         "put back the config.yaml this OMS was started with; a space belongs "
                         "behind each colon");
    }
    return root;
}

std::vector<DoubledKey> find_doubled_keys(const YamlNode& root) {
    std::vector<DoubledKey> doubled;
    collect_doubled(root, doubled);
    return doubled;
}

const YamlNode* find_value(const YamlNode& root, std::string_view key) {
    for (const auto& entry : root.entries) {
        if (entry.key.is_scalar() && entry.key.value == key) return &entry.value;
    }
    return nullptr;
}

}  // namespace oms
