#include "oms/config.hpp"
#include "oms/config_keys.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace oms {
namespace {

constexpr const char* kOneLine = "write it as `key: \"value\"`, on a line of its own";

using Wanted = std::vector<std::pair<std::string, std::string>>;  // key, its new value

bool is_control(char byte) {
    return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f;
}

void refuse_unfit(const MetaEndpoint& place) {
    const auto refuse = [](const std::string& what, const std::string& bytes) {
        throw Terminal("the " + what + " of the Secret that metaDB.separateCM names cannot stand " +
                       "in config.yaml: " + bytes + "; give OMS another one");
    };
    const std::string& password = place.password.reveal();
    if (password.empty()) refuse("password", "it is empty");
    if (password.find_first_of(kForbiddenInPasswords) != std::string::npos ||
        password.find('\\') != std::string::npos ||
        std::any_of(password.begin(), password.end(), is_control)) {
        refuse("password", "it holds a space, a line end or one of |\"'`\\()=;/&[]{}");
    }
    if (place.user.empty()) refuse("username", "it is empty");
    if (place.user.find_first_of("\"\\") != std::string::npos ||
        std::any_of(place.user.begin(), place.user.end(), is_control)) {
        refuse("username", "it holds a quote, a backslash or a control character");
    }
}

const YamlNode& value_of(const YamlNode& root, const std::string& key) {
    const YamlNode* value = find_value(root, key);
    if (value == nullptr || !value->is_scalar())
        throw Unreadable(key + " is missing or has no single value", kOneLine);
    return *value;
}

Wanted wanted_values(const YamlNode& root, const SeparateCm& wanted) {
    const std::string prefix(kCmPrefix);
    Wanted values{{prefix + "host", wanted.place.host},
                  {prefix + "port", std::to_string(wanted.place.port)},
                  {prefix + "user", wanted.place.user},
                  {prefix + "password", wanted.place.password.reveal()}};
    for (const char* key : {"drc_cm_db", "drc_cm_heartbeat_db"}) {
        const auto renamed = wanted.names.find(value_of(root, key).value);
        if (renamed != wanted.names.end() && renamed->second != renamed->first)
            values.emplace_back(key, renamed->second);
    }
    return values;
}

/// The byte behind a value that begins at `at`, without the comment behind it.
std::size_t end_of(std::string_view text, const std::string& key, const YamlNode& value) {
    const std::size_t at = value.at;
    const char quote = text[at];
    if (quote != '"' && quote != '\'') {
        if (text.substr(at).starts_with(value.value)) return at + value.value.size();
        throw Unreadable(key + " is written in an unusual way", kOneLine);
    }
    const std::size_t end = end_of_line(text, at);
    for (std::size_t i = at + 1; i < end; ++i) {
        if (quote == '"' && text[i] == '\\') {
            ++i;
        } else if (text[i] == quote) {
            if (quote == '"' || i + 1 >= end || text[i + 1] != quote) return i + 1;
            ++i;
        }
    }
    throw Unreadable(key + " goes over several lines", kOneLine);
}

/// What the edited file has to hold, whatever its lines look like.
YamlNode with_values(YamlNode root, const Wanted& values) {
    for (auto& entry : root.entries) {
        for (const auto& [key, value] : values) {
            if (entry.key.is_scalar() && entry.key.value == key) {
                entry.value.value = value;
                entry.value.tag = "!";  // quoted
            }
        }
    }
    return root;
}

}  // namespace

std::string separate_cm(std::string_view split_text, const SeparateCm& wanted) {
    refuse_unfit(wanted.place);
    const auto mark = byte_order_mark(split_text);
    const auto body = split_text.substr(mark.size());
    YamlNode root = read_yaml_map(body);
    if (!find_meta_keys(root).all_split() || !find_doubled_keys(root).empty()) {
        throw Unreadable("it does not have all of the eight keys oms_rm_meta_* and oms_cm_meta_*",
                         "put back the config.yaml this OMS was started with");
    }
    const Wanted values = wanted_values(root, wanted);
    // From the last one on, so that the places of the others stay.
    std::vector<std::pair<YamlNode, const Wanted::value_type*>> edits;
    for (const auto& one : values) edits.emplace_back(value_of(root, one.first), &one);
    std::sort(edits.begin(), edits.end(), [](const auto& one, const auto& other) {
        return one.first.at > other.first.at;
    });
    std::string result(body);
    for (const auto& [node, value] : edits) {
        const std::size_t end = end_of(body, value->first, node);
        result.replace(node.at, end - node.at, '"' + value->second + '"');
    }
    if (canonical(read_yaml_map(result)) != canonical(with_values(std::move(root), values)))
        throw Unreadable("its cm keys cannot be edited line by line", kOneLine);
    return std::string(mark) + result;
}

}  // namespace oms
