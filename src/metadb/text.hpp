#pragma once

#include <string>
#include <string_view>

namespace oms::metadb {

/// `name` as an identifier: in backticks, its own ones doubled.
std::string quote_name(std::string_view name);

/// "`database`.`name`".
std::string quote_name(std::string_view database, std::string_view name);

/// `value` as a string literal of a session with NAMES utf8mb4 and without NO_BACKSLASH_ESCAPES.
std::string quote_text(std::string_view value);

/// The same, appended. No byte of the result is a line end.
void append_text(std::string& out, std::string_view value);

/// `value` as a literal of bytes: 0x…, or '' when it has none.
void append_hex(std::string& out, std::string_view value);

/// The same as whichever of 0x… and _binary'…' is shorter; for values that come near the packet.
void append_long_binary(std::string& out, std::string_view value);

}  // namespace oms::metadb
