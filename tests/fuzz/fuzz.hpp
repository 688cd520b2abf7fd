#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace oms::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// What a parser may throw at what it does not understand.
template <class Parse>
void tolerate(const Parse& parse) {
    try {
        parse();
    } catch (const Terminal&) {
    } catch (const Transient&) {}
}

inline void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace oms::fuzz
