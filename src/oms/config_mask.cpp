#include "oms/config.hpp"
#include "oms/yaml_text.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace oms {
namespace {

constexpr std::string_view kNotShown =
    "# config.yaml cannot be read as YAML, so none of it is shown\n";
constexpr std::string_view kStars = "***";
/// Fewer characters stand in any text, and hide nothing.
constexpr std::size_t kLookedFor = 3;

constexpr std::array<std::string_view, 5> kSecretEndings{
    "password", "passwd", "pwd", "secret", "access_key"};

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return result;
}

bool is_secret_key(const YamlNode& key) {
    const std::string name = lower(key.value);
    return key.is_scalar() &&
           std::any_of(kSecretEndings.begin(), kSecretEndings.end(), [&](std::string_view ending) {
               return name.ends_with(ending);
           });
}

/// The values of all secret keys, in the order of the text.
void collect_secrets(const YamlNode& node, std::vector<const YamlNode*>& secrets) {
    for (const auto& item : node.items) collect_secrets(item, secrets);
    for (const auto& entry : node.entries) {
        if (!is_secret_key(entry.key)) {
            collect_secrets(entry.value, secrets);
        } else if (entry.value.kind != YamlNode::Kind::Null) {
            secrets.push_back(&entry.value);
        }
    }
}

std::vector<const YamlNode*> secrets_of(const YamlNode& root) {
    std::vector<const YamlNode*> secrets;
    collect_secrets(root, secrets);
    return secrets;
}

std::string with_values_masked(std::string_view text, const YamlNode& root) {
    std::string result;
    std::size_t copied = 0;
    for (const YamlNode* value : secrets_of(root)) {
        result += text.substr(copied, value->at - copied);
        result += "\"***\"";
        copied = end_of_value(text, *value);
        if (copied > value->at && text[copied - 1] == '\r') --copied;
    }
    return result + std::string(text.substr(copied));
}

/// Where the value begins that stands behind a secret's name at the end of `before`: in
/// `# oms_meta_password: "x"` and in `password: #x`, which YAML takes for comments.
std::size_t start_of_commented_secret(std::string_view line, std::size_t name_end) {
    constexpr std::string_view kBlank = " \t\"'";
    const auto sign = line.find_first_not_of(kBlank, name_end);
    if (sign == std::string_view::npos || (line[sign] != ':' && line[sign] != '='))
        return std::string_view::npos;
    const auto value = line.find_first_not_of(" \t\r", sign + 1);
    if (value == std::string_view::npos) return value;
    const bool comment = line.substr(0, name_end).find('#') != std::string_view::npos;
    return comment || line[value] == '#' ? value : std::string_view::npos;
}

std::string with_comments_masked(std::string_view line) {
    const std::string names = lower(line);
    std::size_t value = std::string_view::npos;
    for (const auto ending : kSecretEndings) {
        for (auto at = names.find(ending); at != std::string::npos; at = names.find(ending, at + 1))
            value = std::min(value, start_of_commented_secret(line, at + ending.size()));
    }
    if (value == std::string_view::npos) return std::string(line);
    const bool crlf = line.ends_with('\r');
    return std::string(line.substr(0, value)) + std::string(kStars) + (crlf ? "\r" : "");
}

std::string with_all_comments_masked(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = end_of_line(text, at);
        result += with_comments_masked(text.substr(at, end - at));
        if (end < text.size()) result += '\n';
        at = end + 1;
    }
    return result;
}

bool shows_a_secret(std::string_view text) {
    const YamlNode root = read_yaml(text);
    const auto secrets = secrets_of(root);
    return std::any_of(secrets.begin(), secrets.end(), [](const YamlNode* value) {
        return !value->is_scalar() || value->value != kStars;
    });
}

}  // namespace

std::string mask_passwords(std::string_view text) {
    const auto mark = byte_order_mark(text);
    const auto body = text.substr(mark.size());
    try {
        const YamlNode root = read_yaml(body);
        const std::string masked = with_values_masked(body, root);
        if (shows_a_secret(masked)) return std::string(kNotShown);
        return std::string(mark) + with_all_comments_masked(masked);
    } catch (const Unreadable&) {
        return std::string(kNotShown);
    }
}

std::optional<std::string> mask_values(std::string_view config, std::string text) {
    std::vector<std::string> secrets;
    try {
        const YamlNode root = read_yaml(config.substr(byte_order_mark(config).size()));
        for (const YamlNode* value : secrets_of(root)) {
            const bool looked_for = value->is_scalar() && value->value.size() >= kLookedFor;
            if (looked_for) secrets.push_back(value->value);
        }
    } catch (const Unreadable&) {
        return std::nullopt;
    }
    // The longest first: one may be a part of another.
    std::sort(secrets.begin(), secrets.end(), [](const auto& one, const auto& other) {
        return one.size() > other.size();
    });
    for (const auto& secret : secrets) {
        for (auto at = text.find(secret); at != std::string::npos;
             at = text.find(secret, at + kStars.size()))
            text.replace(at, secret.size(), kStars);
    }
    return text;
}

}  // namespace oms
