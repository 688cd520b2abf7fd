#include "base/log.hpp"

#include "base/clock.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <cstdio>

namespace oms::log {
namespace {

std::atomic<Level> level_now{Level::Info};
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
    switch (level) {
        case Level::Debug:
            return "debug";
        case Level::Info:
            return "info";
        case Level::Warn:
            return "warn";
        case Level::Error:
            return "error";
        case Level::Off:
            break;
    }
    return "off";
}

}  // namespace

void configure(Level level, Format format) {
    level_now = level;
    format_now = format;
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
    if (level < level_now.load() || level == Level::Off) return;
    const std::string time = to_rfc3339(Clock::now());
    std::string line;
    if (format_now.load() == Format::Json) {
        line = "{\"ts\":" + in_quotes(time) + ",\"level\":" + in_quotes(name(level)) +
               ",\"msg\":" + in_quotes(message);
        for (const auto& [key, value] : fields)
            line += "," + in_quotes(key) + ":" + in_quotes(value);
        line += "}";
    } else {
        line = time + " " + std::string(name(level)) + " " + std::string(message);
        for (const auto& [key, value] : fields)
            line += " " + std::string(key) + "=" + as_value(value);
    }
    sink().info("{}", line);
}

}  // namespace oms::log
