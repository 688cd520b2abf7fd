#include "base/utf8.hpp"

#include <algorithm>

namespace oms {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

unsigned byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

/// How long the character at the front is by its first byte; 0: no character starts with it.
std::size_t length_by_first(unsigned first) {
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first < 0xE0) return 2;
    if (first >= 0xE0 && first < 0xF0) return 3;
    if (first >= 0xF0 && first < 0xF5) return 4;
    return 0;
}

/// True when a second byte makes with the first neither an overlong form, nor half a surrogate
/// pair, nor something beyond U+10FFFF (The Unicode Standard, table 3-7).
bool second_fits(unsigned first, unsigned second) {
    if (first == 0xE0) return second >= 0xA0;
    if (first == 0xED) return second < 0xA0;
    if (first == 0xF0) return second >= 0x90;
    if (first == 0xF4) return second < 0x90;
    return true;
}

/// Bytes of the character at the front of `text`, which is not empty; 0: it is not UTF-8.
std::size_t front_length(std::string_view text) {
    const unsigned first = byte_at(text, 0);
    const std::size_t length = length_by_first(first);
    if (length == 0 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte_at(text, i) & 0xC0U) != 0x80) return 0;
    if (length > 1 && !second_fits(first, byte_at(text, 1))) return 0;
    return length;
}

}  // namespace

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = front_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string first_characters(std::string_view text, std::size_t count) {
    std::size_t end = 0;
    for (; count > 0 && end < text.size(); --count)
        end += std::max<std::size_t>(1, front_length(text.substr(end)));
    return std::string(text.substr(0, end));
}

std::string as_prose(std::string_view text, std::size_t bytes_max) {
    std::string clean;
    std::size_t room_for_ellipsis = 0;  // the longest clean beginning that leaves room for it
    while (!text.empty()) {
        const std::size_t length = front_length(text);
        const std::string_view character = length == 0 ? kReplacement : text.substr(0, length);
        if (clean.size() + character.size() > bytes_max)
            return clean.erase(room_for_ellipsis) + std::string(kEllipsis);
        clean += character;
        if (clean.size() + kEllipsis.size() <= bytes_max) room_for_ellipsis = clean.size();
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return clean;
}

}  // namespace oms
