#include "kube/skim.hpp"

#include "base/error.hpp"

#include <nlohmann/json.hpp>

#include <charconv>

namespace oms::kube {
namespace {

[[noreturn]] void fail(std::size_t at) {
    throw Transient("the API server's answer is not whole JSON (byte " + std::to_string(at) + ")");
}

char peek(std::string_view text, std::size_t at) {
    if (at >= text.size()) fail(at);
    return text[at];
}

std::size_t skip_space(std::string_view text, std::size_t at) {
    while (at < text.size() &&
           (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r'))
        ++at;
    return at;
}

std::size_t skip_string(std::string_view text, std::size_t at) {
    for (++at; peek(text, at) != '"'; ++at)
        if (text[at] == '\\') ++at;
    return at + 1;
}

std::size_t skip_nested(std::string_view text, std::size_t at) {
    std::size_t depth = 0;
    do {
        switch (peek(text, at)) {
            case '"':
                at = skip_string(text, at);
                continue;
            case '{':
            case '[':
                ++depth;
                break;
            case '}':
            case ']':
                --depth;
                break;
            default:
                break;
        }
        ++at;
    } while (depth > 0);
    return at;
}

bool ends_scalar(char c) {
    return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

std::size_t skip_value(std::string_view text, std::size_t at) {
    const char first = peek(text, at);
    if (first == '"') return skip_string(text, at);
    if (first == '{' || first == '[') return skip_nested(text, at);
    const std::size_t from = at;
    while (at < text.size() && !ends_scalar(text[at])) ++at;
    if (at == from) fail(at);
    return at;
}

/// From behind the opening bracket or behind a value to the next value; npos at the closing one.
std::size_t next_value(std::string_view text, std::size_t at, char open, char close) {
    const bool first = at == 0;
    at = skip_space(text, at);
    const char c = peek(text, at);
    if (c == close && !first) return std::string_view::npos;
    if (c != (first ? open : ',')) fail(at);
    at = skip_space(text, at + 1);
    if (first && peek(text, at) == close) return std::string_view::npos;
    return at;
}

}  // namespace

Members::Members(std::string_view object) : text_(object) {}

std::optional<Members::Member> Members::next() {
    if (at_ == std::string_view::npos) return std::nullopt;
    const std::size_t key = next_value(text_, at_, '{', '}');
    if (key == std::string_view::npos) {
        at_ = key;
        return std::nullopt;
    }
    if (peek(text_, key) != '"') fail(key);
    const std::size_t key_end = skip_string(text_, key);
    const std::size_t colon = skip_space(text_, key_end);
    if (peek(text_, colon) != ':') fail(colon);
    const std::size_t value = skip_space(text_, colon + 1);
    at_ = skip_value(text_, value);
    return Member{text_.substr(key + 1, key_end - key - 2), text_.substr(value, at_ - value)};
}

Elements::Elements(std::string_view array) : text_(array) {}

std::optional<std::string_view> Elements::next() {
    if (at_ == std::string_view::npos) return std::nullopt;
    const std::size_t value = next_value(text_, at_, '[', ']');
    at_ = value;
    if (value == std::string_view::npos) return std::nullopt;
    at_ = skip_value(text_, value);
    return text_.substr(value, at_ - value);
}

std::string as_text(std::string_view value) {
    if (!value.starts_with('"')) return {};
    if (value.find('\\') == std::string_view::npos)
        return std::string(value.substr(1, value.size() - 2));
    const auto parsed = nlohmann::json::parse(value, nullptr, false);
    if (!parsed.is_string()) fail(0);
    return parsed.get<std::string>();
}

std::int64_t as_number(std::string_view value) {
    std::int64_t number = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
    return read.ec == std::errc{} && read.ptr == value.data() + value.size() ? number : 0;
}

bool is_object(std::string_view value) {
    return value.starts_with('{');
}

bool is_array(std::string_view value) {
    return value.starts_with('[');
}

}  // namespace oms::kube
