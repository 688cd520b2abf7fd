#include "oms/yaml_text.hpp"

#include "base/utf8.hpp"
#include "oms/config.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <utility>

namespace oms {
namespace {

constexpr std::size_t kDepthMax = 16;

std::string at_line(const YAML::Mark& mark) {
    return "line " + std::to_string(mark.line + 1) + ", column " + std::to_string(mark.column + 1);
}

/// Builds the tree from yaml-cpp's events rather than from its nodes, which know neither doubled
/// keys nor aliases any more.
class Builder final : public YAML::EventHandler {
public:
    void OnDocumentStart(const YAML::Mark& mark) override {
        if (root_) {
            throw Unreadable("a second document begins at " + at_line(mark),
                             "keep one document in the file");
        }
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuse_anchor(mark, anchor);
        YamlNode node;
        node.line = static_cast<std::size_t>(mark.line) + 1;
        finish(std::move(node));
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuse_anchor(mark, anchor);
    }

    void OnScalar(const YAML::Mark& mark,
                  const std::string& tag,
                  YAML::anchor_t anchor,
                  const std::string& value) override {
        YamlNode node = begin(mark, tag, anchor, YamlNode::Kind::Scalar);
        node.value = value;
        finish(std::move(node));
    }

    void OnSequenceStart(const YAML::Mark& mark,
                         const std::string& tag,
                         YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override {
        open(begin(mark, tag, anchor, YamlNode::Kind::Sequence), mark, style);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark,
                    const std::string& tag,
                    YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override {
        open(begin(mark, tag, anchor, YamlNode::Kind::Map), mark, style);
    }
    void OnMapEnd() override { close(); }

    YamlNode take_root(std::size_t text_size) {
        if (!root_) return {};
        starts_.push_back(text_size);
        resolve_limits(*root_);
        return std::move(*root_);
    }

private:
    struct Open {
        YamlNode node;
        std::optional<YamlNode> key;
    };

    static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (anchor != YAML::NullAnchor) {
            throw Unreadable("an anchor (&) or alias (*) stands at " + at_line(mark),
                             "write the value out, or put it in quotes when it is text that begins "
                             "with & or *");
        }
    }

    YamlNode begin(const YAML::Mark& mark,
                   const std::string& tag,
                   YAML::anchor_t anchor,
                   YamlNode::Kind kind) {
        refuse_anchor(mark, anchor);
        YamlNode node;
        node.kind = kind;
        node.tag = tag;
        node.at = static_cast<std::size_t>(mark.pos);
        node.line = static_cast<std::size_t>(mark.line) + 1;
        node.flow = !open_.empty() && open_.back().node.flow;
        starts_.push_back(node.at);
        return node;
    }

    void open(YamlNode node, const YAML::Mark& mark, YAML::EmitterStyle::value style) {
        if (open_.size() == kDepthMax) {
            throw Unreadable("lists and maps stand more than " + std::to_string(kDepthMax) +
                                 " deep in each other at " + at_line(mark),
                             "config.yaml of OMS has two levels; put back the right file");
        }
        node.flow = node.flow || style == YAML::EmitterStyle::Flow;
        open_.push_back({std::move(node), std::nullopt});
    }

    void close() {
        YamlNode node = std::move(open_.back().node);
        open_.pop_back();
        finish(std::move(node));
    }

    void finish(YamlNode node) {
        node.limit = starts_.size();  // which start follows; made a byte by resolve_limits
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& parent = open_.back();
        if (!parent.node.is_map()) {
            parent.node.items.push_back(std::move(node));
        } else if (!parent.key) {
            parent.key = std::move(node);
        } else {
            parent.node.entries.push_back({std::move(*parent.key), std::move(node)});
            parent.key.reset();
        }
    }

    void resolve_limits(YamlNode& node) {
        node.limit = starts_[std::min(node.limit, starts_.size() - 1)];
        for (auto& item : node.items) resolve_limits(item);
        for (auto& entry : node.entries) {
            resolve_limits(entry.key);
            resolve_limits(entry.value);
        }
    }

    std::vector<Open> open_;
    std::vector<std::size_t> starts_;  // of every value, in the order of the text
    std::optional<YamlNode> root_;
};

void refuse_odd_bytes(std::string_view text) {
    std::size_t line = 1;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte == '\n') ++line;
        const bool lone_return = byte == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
        const bool control =
            (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f;
        // yaml-cpp would take 0x04 for the end of the file and a lone CR for no line end at all.
        if (lone_return || control) {
            throw Unreadable("a control character stands in line " + std::to_string(line),
                             "save the file as UTF-8 text with LF or CRLF line ends");
        }
    }
    if (!is_utf8(text)) throw Unreadable("it is not UTF-8 text", "save the file as UTF-8");
}

/// yaml-cpp puts what it stumbled over behind a colon; that may be a part of a password.
std::string without_details(const std::string& message) {
    return message.substr(0, message.find(':'));
}

std::size_t skip_tags(std::string_view text, std::size_t at, std::size_t limit) {
    constexpr std::string_view kSpace = " \t\r\n";
    while (at < limit && text[at] == '!') {
        at = std::min(text.find_first_of(kSpace, at), limit);
        at = std::min(text.find_first_not_of(kSpace, at), limit);
    }
    return at;
}

/// The byte behind the closing quote; none when the quote is never closed.
std::optional<std::size_t> end_of_quoted(std::string_view text, std::size_t at) {
    const char quote = text[at];
    for (++at; at < text.size(); ++at) {
        if (quote == '"' && text[at] == '\\') {
            ++at;
        } else if (text[at] == quote) {
            const bool doubled = quote == '\'' && text.substr(at + 1, 1) == "'";
            if (!doubled) return at + 1;
            ++at;
        }
    }
    return std::nullopt;
}

bool is_quoted(std::string_view text, std::size_t at) {
    return at < text.size() && (text[at] == '"' || text[at] == '\'');
}

/// yaml-cpp takes the end of the file for the end of a quote; the readers in OMS do not.
void refuse_open_quotes(std::string_view text, const YamlNode& node) {
    for (const auto& item : node.items) refuse_open_quotes(text, item);
    for (const auto& entry : node.entries) {
        refuse_open_quotes(text, entry.key);
        refuse_open_quotes(text, entry.value);
    }
    if (!node.is_scalar()) return;
    const std::size_t at = skip_tags(text, node.at, node.limit);
    if (at < node.limit && is_quoted(text, at) && !end_of_quoted(text, at)) {
        throw Unreadable(
            "a quote that opens in line " + std::to_string(node.line) + " is never closed",
            "close it");
    }
}

/// How a value ends: plain text where a comment begins, a literal one (|, >) only where a comment
/// stands further left than its own lines do.
enum class Style { Plain, Literal };

/// True for a line that no value reaches into: blank, a comment, a document's end.
bool is_filler(std::string_view line, std::size_t indentation, Style style) {
    const auto first = line.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return true;
    if (line[first] == '#') return style == Style::Plain || first < indentation;
    return line.starts_with("...") || line.starts_with("---");
}

/// The indentation of the first line below the one of `at` that is not blank.
std::size_t indentation_below(std::string_view text, std::size_t at) {
    const std::size_t below = text.find_first_not_of(" \t\r\n", end_of_line(text, at));
    return below == std::string_view::npos ? 0 : below - start_of_line(text, below);
}

/// The end of the last line before `limit` that belongs to the value at `at`.
std::size_t end_of_lines(std::string_view text, std::size_t at, std::size_t limit, Style style) {
    const std::size_t indentation = indentation_below(text, at);
    std::size_t end = limit == text.size() ? limit : start_of_line(text, limit);
    while (end > at) {
        const std::size_t begin = start_of_line(text, end - 1);
        if (begin <= at || !is_filler(text.substr(begin, end - begin), indentation, style)) break;
        end = begin;
    }
    return end_of_line(text, std::max(at, end == 0 ? 0 : end - 1));
}

}  // namespace

std::string_view byte_order_mark(std::string_view text) {
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    return text.starts_with(kMark) ? text.substr(0, kMark.size()) : std::string_view{};
}

YamlNode read_yaml(std::string_view text) {
    if (text.size() > kConfigBytesMax) {
        throw Unreadable("it is " + std::to_string(text.size()) + " bytes long, more than " +
                             std::to_string(kConfigBytesMax),
                         "config.yaml of OMS has some dozen lines; put back the right file");
    }
    refuse_odd_bytes(text);
    Builder builder;
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {}
    } catch (const YAML::Exception& error) {
        throw Unreadable(
            "it is not YAML at " + at_line(error.mark) + ": " + without_details(error.msg),
            "write `key: value` lines, with values in quotes");
    }
    YamlNode root = builder.take_root(text.size());
    refuse_open_quotes(text, root);
    return root;
}

std::size_t start_of_line(std::string_view text, std::size_t at) {
    const auto newline = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    return newline == std::string_view::npos ? 0 : newline + 1;
}

std::size_t end_of_line(std::string_view text, std::size_t at) {
    return std::min(text.find('\n', at), text.size());
}

std::size_t end_of_value(std::string_view text, const YamlNode& value) {
    const std::size_t at = skip_tags(text, value.at, value.limit);
    if (at == value.limit) return end_of_line(text, value.at);  // a tag and nothing behind it
    if (value.is_scalar() && is_quoted(text, at)) {
        const std::size_t end = end_of_quoted(text, at).value_or(text.size());
        return value.flow ? end : end_of_line(text, end);
    }
    if (value.flow) return std::min(text.find_first_of(",[]{}", at), value.limit);
    const bool literal = value.is_scalar() && (text[at] == '|' || text[at] == '>');
    return end_of_lines(text, at, value.limit, literal ? Style::Literal : Style::Plain);
}

std::string canonical(const YamlNode& node) {
    const auto sized = [](const std::string& text) {
        return std::to_string(text.size()) + ":" + text;
    };
    std::string result = std::to_string(static_cast<int>(node.kind)) + sized(node.tag);
    if (node.is_scalar()) result += sized(node.value);
    for (const auto& item : node.items) result += sized(canonical(item));
    std::vector<std::string> entries;
    for (const auto& entry : node.entries)
        entries.push_back(sized(canonical(entry.key)) + sized(canonical(entry.value)));
    std::sort(entries.begin(), entries.end());
    for (const auto& entry : entries) result += sized(entry);
    return result;
}

}  // namespace oms
