#include "oms/utf8.hpp"

#include <cstddef>

namespace oms {
namespace {

struct Lead {
    std::size_t trailing;     // bytes that follow
    unsigned char first_min;  // range of the first of them (RFC 3629, section 4)
    unsigned char first_max;
};

constexpr Lead kNone{0, 0, 0};
constexpr std::size_t kTrailingMax = 3;
constexpr Lead kBad{kTrailingMax + 1, 0, 0};

Lead lead_of(unsigned char byte) {
    if (byte < 0x80) return kNone;
    if (byte >= 0xC2 && byte <= 0xDF) return {1, 0x80, 0xBF};
    if (byte == 0xE0) return {2, 0xA0, 0xBF};
    if (byte == 0xED) return {2, 0x80, 0x9F};
    if (byte >= 0xE1 && byte <= 0xEF) return {2, 0x80, 0xBF};
    if (byte == 0xF0) return {3, 0x90, 0xBF};
    if (byte >= 0xF1 && byte <= 0xF3) return {3, 0x80, 0xBF};
    if (byte == 0xF4) return {3, 0x80, 0x8F};
    return kBad;
}

bool is_between(char c, unsigned char min, unsigned char max) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= min && byte <= max;
}

/// True when what follows a lead byte is what it asks for.
bool follows(std::string_view trailing, const Lead& lead) {
    if (trailing.size() < lead.trailing) return false;
    for (std::size_t i = 0; i < lead.trailing; ++i) {
        const bool first = i == 0;
        if (!is_between(trailing[i], first ? lead.first_min : 0x80, first ? lead.first_max : 0xBF))
            return false;
    }
    return true;
}

}  // namespace

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const Lead lead = lead_of(static_cast<unsigned char>(text.front()));
        text.remove_prefix(1);
        if (lead.trailing > kTrailingMax || !follows(text, lead)) return false;
        text.remove_prefix(lead.trailing);
    }
    return true;
}

}  // namespace oms
