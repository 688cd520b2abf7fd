#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace oms {

bool is_utf8(std::string_view);

/// The first characters of UTF-8 text, as many as asked for or as there are.
std::string first_characters(std::string_view, std::size_t count);

/// The text with U+FFFD for each byte that is not UTF-8, and with "…" as its end where it is longer
/// than `bytes_max` (at least 3). JSON cannot hold other text, and other people's errors may be
/// any.
std::string as_prose(std::string_view, std::size_t bytes_max);

}  // namespace oms
