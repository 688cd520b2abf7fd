#pragma once

#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace oms::log {

enum class Level { Debug, Info, Warn, Error, Off };
enum class Format { Text, Json };

/// One `key=value` of a line. Values are quoted where they need it.
using Field = std::pair<std::string_view, std::string>;

/// What is written: of every component, and of some of them otherwise. A component is a room of the
/// house, "kube" or "docker", and "operator" is the process itself.
struct Levels {
    Level everywhere = Level::Info;
    std::map<std::string, Level, std::less<>> of;

    bool operator==(const Levels&) const = default;
};

/// Their names, in the order of the house (src/README.md); the last is the process.
std::span<const std::string_view> components();

/// "info", or "warn,kube=debug,docker=off". Throws Terminal when it is something else.
Levels read_levels(std::string_view text);

/// Chooses what is written to stderr, and how. Before it is called: Info, Text.
void configure(Levels, Format);

/// Chooses anew what is written, at any time, from any thread.
void set_levels(Levels);

/// One line: time, level, message, then the fields in their order. Never a secret. The component is
/// told by the file that the call stands in.
void write(Level,
           std::string_view message,
           std::initializer_list<Field>,
           const char* file = __builtin_FILE());

inline void debug(std::string_view m,
                  std::initializer_list<Field> f = {},
                  const char* file = __builtin_FILE()) {
    write(Level::Debug, m, f, file);
}
inline void info(std::string_view m,
                 std::initializer_list<Field> f = {},
                 const char* file = __builtin_FILE()) {
    write(Level::Info, m, f, file);
}
inline void warn(std::string_view m,
                 std::initializer_list<Field> f = {},
                 const char* file = __builtin_FILE()) {
    write(Level::Warn, m, f, file);
}
inline void error(std::string_view m,
                  std::initializer_list<Field> f = {},
                  const char* file = __builtin_FILE()) {
    write(Level::Error, m, f, file);
}

}  // namespace oms::log
