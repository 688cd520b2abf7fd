#include "oms/config.hpp"
#include "oms/config_keys.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace oms {
namespace {

constexpr const char* kByHand =
    "write the four keys as `oms_meta_host: \"...\"`, each on a line of its own";

/// The lines of one of the four keys, its newline and a comment behind its value included.
struct Lines {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t prefix_at = 0;  // where "oms_meta_" stands in them
};

bool is_joint(const YamlNode& key) {
    return key.is_scalar() &&
           std::any_of(kMetaParts.begin(), kMetaParts.end(), [&](std::string_view part) {
               return key.value == std::string(kJointPrefix) + std::string(part);
           });
}

Lines find_lines(std::string_view text, const YamlEntry& entry) {
    const std::string where = entry.key.value + " in line " + std::to_string(entry.key.line);
    if (!entry.value.is_scalar()) throw Unreadable(where + " has no single value", kByHand);
    const bool in_quotes = text[entry.key.at] == '"' || text[entry.key.at] == '\'';
    Lines lines{.begin = start_of_line(text, entry.key.at),
                .end = end_of_line(text, end_of_value(text, entry.value)),
                .prefix_at = entry.key.at + (in_quotes ? 1 : 0)};
    lines.end = std::min(lines.end + 1, text.size());
    const auto indentation = text.substr(lines.begin, entry.key.at - lines.begin);
    const bool begins_line = indentation.find_first_not_of(' ') == std::string_view::npos;
    if (!begins_line || !text.substr(lines.prefix_at).starts_with(entry.key.value))
        throw Unreadable(where + " does not begin its line as a plain key does", kByHand);
    return lines;
}

std::string renamed(std::string_view text, const Lines& lines, std::string_view prefix) {
    std::string copy(text.substr(lines.begin, lines.prefix_at - lines.begin));
    copy += prefix;
    const std::size_t rest = lines.prefix_at + kJointPrefix.size();
    copy += text.substr(rest, lines.end - rest);
    return copy;
}

/// The newline of this file, for the one place where an edit needs one more: behind a last line
/// that had none.
std::string_view newline_of(std::string_view text) {
    const auto first = text.find('\n');
    const bool crlf = first != std::string_view::npos && first > 0 && text[first - 1] == '\r';
    return crlf ? "\r\n" : "\n";
}

/// What stands for a run of keys that stand together: all of cm, then all of rm.
std::string split_run(std::string_view text, const std::vector<Lines>& run) {
    std::string cm;
    std::string rm;
    for (const auto& lines : run) {
        cm += renamed(text, lines, kCmPrefix);
        rm += renamed(text, lines, kRmPrefix);
    }
    if (!cm.ends_with('\n')) cm += newline_of(text);
    return cm + rm;
}

std::string edited(std::string_view text, const YamlNode& root) {
    std::vector<std::vector<Lines>> runs;
    for (const auto& entry : root.entries) {
        if (!is_joint(entry.key)) continue;
        const Lines lines = find_lines(text, entry);
        if (runs.empty() || runs.back().back().end != lines.begin) runs.emplace_back();
        runs.back().push_back(lines);
    }
    std::string result;
    std::size_t copied = 0;
    for (const auto& run : runs) {
        result += text.substr(copied, run.front().begin - copied);
        result += split_run(text, run);
        copied = run.back().end;
    }
    return result + std::string(text.substr(copied));
}

/// The values that the edited file has to hold, whatever its lines look like.
YamlNode split_values(YamlNode root) {
    std::vector<YamlEntry> entries;
    for (auto& entry : root.entries) {
        if (!is_joint(entry.key)) {
            entries.push_back(std::move(entry));
            continue;
        }
        const std::string part = entry.key.value.substr(kJointPrefix.size());
        for (const auto prefix : {kCmPrefix, kRmPrefix}) {
            entries.push_back(entry);
            entries.back().key.value = std::string(prefix) + part;
        }
    }
    root.entries = std::move(entries);
    return root;
}

void refuse_odd_keys(const YamlNode& root, const MetaKeysFound& found) {
    for (const auto& doubled : find_doubled_keys(root)) {
        throw Unreadable(doubled.key + " stands in lines " + doubled.lines,
                         "keep the line that OMS runs with and delete the others");
    }
    if (!found.split.empty()) {
        throw Unreadable("it is migrated by half: it holds " +
                             listed(found.joint.empty() ? found.split : found.joint) +
                             (found.joint.empty() ? " and not the rest of the eight keys"
                                                  : " beside " + listed(found.split)),
                         "put back the config.yaml this OMS was started with");
    }
    if (!found.all_joint()) {
        throw Unreadable(found.joint.empty() ? "it has no oms_meta_* keys"
                                             : "of oms_meta_* it has only " + listed(found.joint),
                         "put back the config.yaml this OMS was started with");
    }
    if (root.flow) throw Unreadable("its keys stand between { and }", kByHand);
}

}  // namespace

std::string split_meta_keys(std::string_view text) {
    const auto mark = byte_order_mark(text);
    const auto body = text.substr(mark.size());
    YamlNode root = read_yaml_map(body);
    const MetaKeysFound found = find_meta_keys(root);
    const bool doubled = !find_doubled_keys(root).empty();
    if (found.joint.empty() && found.all_split() && !doubled) return std::string(text);
    refuse_odd_keys(root, found);
    const std::string result = edited(body, root);
    // The edit trusts positions in the text; the values are what OMS will go by.
    if (canonical(read_yaml_map(result)) != canonical(split_values(std::move(root))))
        throw Unreadable("oms_meta_* is written so that it cannot be edited line by line", kByHand);
    return std::string(mark) + result;
}

}  // namespace oms
