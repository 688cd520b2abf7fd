#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace oms::log {

enum class Level { Debug, Info, Warn, Error, Off };
enum class Format { Text, Json };

/// One `key=value` of a line. Values are quoted where they need it.
using Field = std::pair<std::string_view, std::string>;

/// Chooses what is written to stderr, and how. Before it is called: Info, Text.
void configure(Level, Format);

/// One line: time, level, message, then the fields in their order. Never a secret.
void write(Level, std::string_view message, std::initializer_list<Field> fields = {});

inline void debug(std::string_view m, std::initializer_list<Field> f = {}) {
    write(Level::Debug, m, f);
}
inline void info(std::string_view m, std::initializer_list<Field> f = {}) {
    write(Level::Info, m, f);
}
inline void warn(std::string_view m, std::initializer_list<Field> f = {}) {
    write(Level::Warn, m, f);
}
inline void error(std::string_view m, std::initializer_list<Field> f = {}) {
    write(Level::Error, m, f);
}

}  // namespace oms::log
