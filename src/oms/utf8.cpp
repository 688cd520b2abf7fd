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

}  // namespace

bool is_utf8(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size()) {
        const Lead lead = lead_of(static_cast<unsigned char>(text[i]));
        if (lead.trailing > kTrailingMax || lead.trailing >= text.size() - i) return false;
        for (std::size_t k = 1; k <= lead.trailing; ++k) {
            const auto byte = static_cast<unsigned char>(text[i + k]);
            const auto low = k == 1 ? lead.first_min : static_cast<unsigned char>(0x80);
            const auto high = k == 1 ? lead.first_max : static_cast<unsigned char>(0xBF);
            if (byte < low || byte > high) return false;
        }
        i += lead.trailing + 1;
    }
    return true;
}

}  // namespace oms
