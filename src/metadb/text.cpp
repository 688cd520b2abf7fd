#include "metadb/text.hpp"

#include <algorithm>
#include <array>

namespace oms::metadb {
namespace {

// What stands behind the backslash; 0 where a byte stands for itself. A line end is escaped too, so
// that in a dump a line end always ends a statement.
constexpr std::array<char, 256> make_escapes() {
    std::array<char, 256> escapes{};
    escapes['\0'] = '0';
    escapes['\n'] = 'n';
    escapes['\r'] = 'r';
    escapes['\\'] = '\\';
    escapes['\''] = '\'';
    escapes[0x1A] = 'Z';
    return escapes;
}

constexpr std::array<char, 256> kEscapes = make_escapes();

char escape_of(char byte) {
    return kEscapes[static_cast<unsigned char>(byte)];
}

// Whether a block may hold a byte to escape. Without branches, so that the compiler looks at all of
// it at once; control characters need a closer look.
constexpr std::ptrdiff_t kBlock = 32;

bool is_suspect(const char* block) {
    bool suspect = false;
    for (std::ptrdiff_t i = 0; i < kBlock; ++i) {
        const auto byte = static_cast<unsigned char>(block[i]);
        suspect |= (byte < 0x20) | (byte == '\'') | (byte == '\\');
    }
    return suspect;
}

// The next byte that is to be escaped, or `end`.
const char* find_escaped(const char* at, const char* end) {
    while (true) {
        while (end - at >= kBlock && !is_suspect(at)) at += kBlock;
        const char* const stop = end - at > kBlock ? at + kBlock : end;
        for (; at != stop; ++at)
            if (escape_of(*at) != 0) return at;
        if (at == end) return end;
    }
}

void append_escaped(std::string& out, std::string_view value) {
    out += '\'';
    const char* plain = value.data();
    const char* const end = plain + value.size();
    for (const char* at = find_escaped(plain, end); at != end; at = find_escaped(plain, end)) {
        out.append(plain, at);
        out += '\\';
        out += escape_of(*at);
        plain = at + 1;
    }
    out.append(plain, end);
    out += '\'';
}

}  // namespace

std::string quote_name(std::string_view name) {
    std::string quoted = "`";
    for (const char byte : name) {
        if (byte == '`') quoted += '`';
        quoted += byte;
    }
    return quoted += '`';
}

std::string quote_name(std::string_view database, std::string_view name) {
    return quote_name(database) + "." + quote_name(name);
}

std::string quote_text(std::string_view value) {
    std::string quoted;
    append_escaped(quoted, value);
    return quoted;
}

void append_text(std::string& out, std::string_view value) {
    append_escaped(out, value);
}

void append_hex(std::string& out, std::string_view value) {
    if (value.empty()) {
        out += "''";
        return;
    }
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const std::size_t start = out.size();
    out.resize(start + 2 + value.size() * 2);
    char* to = out.data() + start;
    *to++ = '0';
    *to++ = 'x';
    for (const char byte : value) {
        const auto bits = static_cast<unsigned char>(byte);
        *to++ = kDigits[bits >> 4U];
        *to++ = kDigits[bits & 15U];
    }
}

void append_long_binary(std::string& out, std::string_view value) {
    const auto escapes =
        std::count_if(value.begin(), value.end(), [](char byte) { return escape_of(byte) != 0; });
    if (static_cast<std::size_t>(escapes) + 9 > value.size()) return append_hex(out, value);
    out += "_binary";
    append_escaped(out, value);
}

}  // namespace oms::metadb
