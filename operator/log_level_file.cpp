#include "log_level_file.hpp"

#include "base/error.hpp"
#include "base/files.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

namespace oms::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookEvery = 2s;
constexpr std::size_t kBytesMax = 4096;

std::string trimmed(const std::string& text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos) return "";
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

/// What the file says; empty: nothing that can be read.
std::string read(const std::filesystem::path& file) {
    try {
        return trimmed(read_whole(file, kBytesMax).value_or(""));
    } catch (const Terminal& error) {
        log::warn("cannot read the log level file", {{"error", error.what()}});
        return "";
    }
}

void apply(const std::filesystem::path& file, const std::string& said, log::Levels otherwise) {
    if (said.empty()) return log::set_levels(std::move(otherwise));
    try {
        log::set_levels(log::read_levels(said));
        log::info("the log level was changed", {{"file", file.string()}, {"level", said}});
    } catch (const Terminal& error) {
        log::set_levels(std::move(otherwise));
        log::warn("the log level file is not understood",
                  {{"file", file.string()}, {"error", error.what()}});
    }
}

}  // namespace

std::jthread follow_levels(const std::filesystem::path& file, log::Levels otherwise) {
    if (file.empty()) return {};
    return std::jthread([file, otherwise = std::move(otherwise)](const std::stop_token& stop) {
        std::mutex mutex;
        std::condition_variable_any changed;
        std::unique_lock lock(mutex);
        std::string known;
        while (!stop.stop_requested()) {
            if (const std::string said = read(file); said != known) {
                apply(file, said, otherwise);
                known = said;
            }
            changed.wait_for(lock, stop, kLookEvery, [] { return false; });
        }
    });
}

}  // namespace oms::app
