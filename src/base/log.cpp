#include "base/log.hpp"

#include "base/clock.hpp"
#include "base/error.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <utility>

namespace oms::log {
namespace {

constexpr std::array<std::pair<std::string_view, Level>, 5> kLevels{{
    {"debug", Level::Debug},
    {"info", Level::Info},
    {"warn", Level::Warn},
    {"error", Level::Error},
    {"off", Level::Off},
}};

// The rooms of src/, and the process.
constexpr std::array<std::string_view, 12> kComponents{"base",
                                                       "http",
                                                       "api",
                                                       "oms",
                                                       "metadb",
                                                       "runtime",
                                                       "docker",
                                                       "kube",
                                                       "upgrade",
                                                       "controller",
                                                       "metrics",
                                                       "operator"};

std::mutex levels_mutex;
Levels levels_now;  // under the mutex
/// The lowest of them, so that a line that nobody wants costs no lock.
std::atomic<Level> lowest_now{Level::Info};
std::atomic<Format> format_now{Format::Text};

spdlog::logger& sink() {
    static const auto logger = [] {
        auto made = spdlog::stderr_logger_mt("oms-operator");
        made->set_pattern("%v");
        made->set_level(spdlog::level::trace);
        made->flush_on(spdlog::level::trace);
        return made;
    }();
    return *logger;
}

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            (out += '\\') += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (code < 0x20) {
            std::array<char, 8> escape{};
            std::snprintf(escape.data(), escape.size(), "\\u%04x", code);
            out += escape.data();
        } else {
            out += c;
        }
    }
    return out += '"';
}

std::string as_value(std::string_view text) {
    const bool plain =
        !text.empty() && text.find_first_of(" \"=\\\n\t\r") == std::string_view::npos;
    return plain ? std::string(text) : in_quotes(text);
}

std::string_view name(Level level) {
    for (const auto& [text, one] : kLevels)
        if (one == level) return text;
    return "off";
}

Level read_level(std::string_view text) {
    for (const auto& [name, level] : kLevels)
        if (name == text) return level;
    throw Terminal("there is no log level \"" + std::string(text) +
                   "\"; say debug, info, warn, error or off");
}

std::string component(std::string_view text) {
    if (std::find(kComponents.begin(), kComponents.end(), text) != kComponents.end())
        return std::string(text);
    std::string known;
    for (const auto one : kComponents) (known += known.empty() ? "" : ", ") += one;
    throw Terminal("there is no component \"" + std::string(text) + "\" to log; there are " +
                   known);
}

/// "src/kube/lease.cpp" is of kube, and what lies elsewhere is of the process.
std::string_view component_of(std::string_view file) {
    constexpr std::string_view kRooms = "src/";
    const std::size_t at = file.rfind(kRooms);
    if (at == std::string_view::npos) return "operator";
    const std::string_view rest = file.substr(at + kRooms.size());
    const std::string_view room = rest.substr(0, rest.find('/'));
    const bool known = std::find(kComponents.begin(), kComponents.end(), room) != kComponents.end();
    return known ? room : "operator";
}

bool is_wanted(Level level, std::string_view component) {
    if (level < lowest_now.load() || level == Level::Off) return false;
    const std::lock_guard guard(levels_mutex);
    const auto own = levels_now.of.find(component);
    return level >= (own == levels_now.of.end() ? levels_now.everywhere : own->second);
}

}  // namespace

std::span<const std::string_view> components() {
    return kComponents;
}

Levels read_levels(std::string_view text) {
    Levels levels;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        const std::string_view word = text.substr(at, end - at);
        const std::size_t equals = word.find('=');
        if (equals == std::string_view::npos) {
            levels.everywhere = read_level(word);
        } else {
            levels.of[component(word.substr(0, equals))] = read_level(word.substr(equals + 1));
        }
        at = end + 1;
    }
    return levels;
}

void set_levels(Levels levels) {
    Level lowest = levels.everywhere;
    for (const auto& [component, level] : levels.of) lowest = std::min(lowest, level);
    const std::lock_guard guard(levels_mutex);
    levels_now = std::move(levels);
    lowest_now = lowest;
}

void configure(Levels levels, Format format) {
    set_levels(std::move(levels));
    format_now = format;
}

void write(Level level,
           std::string_view message,
           std::initializer_list<Field> fields,
           const char* file) {
    const std::string_view component = component_of(file);
    if (!is_wanted(level, component)) return;
    const std::string time = to_rfc3339(Clock::now());
    std::string line;
    if (format_now.load() == Format::Json) {
        line = "{\"ts\":" + in_quotes(time) + ",\"level\":" + in_quotes(name(level)) +
               ",\"component\":" + in_quotes(component) + ",\"msg\":" + in_quotes(message);
        for (const auto& [key, value] : fields)
            line += "," + in_quotes(key) + ":" + in_quotes(value);
        line += "}";
    } else {
        line = time + " " + std::string(name(level)) + " " + std::string(component) + ": " +
               std::string(message);
        for (const auto& [key, value] : fields)
            line += " " + std::string(key) + "=" + as_value(value);
    }
    sink().info("{}", line);
}

}  // namespace oms::log
