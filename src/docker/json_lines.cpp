#include "docker/json_lines.hpp"

#include "base/error.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace oms::docker {
namespace {

constexpr std::size_t kLineMax = 1U << 20U;

}  // namespace

JsonLines::JsonLines(std::function<void(const nlohmann::json&)> on_line)
    : on_line_(std::move(on_line)) {}

void JsonLines::feed(std::string_view bytes) {
    rest_ += bytes;
    std::size_t begin = 0;
    for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
        take(std::string_view(rest_).substr(begin, end - begin));
        begin = end + 1;
    }
    rest_.erase(0, begin);
    if (rest_.size() > kLineMax)
        throw Terminal("docker: a line of the daemon's progress does not end");
}

void JsonLines::finish() {
    take(std::exchange(rest_, {}));
}

void JsonLines::take(std::string_view line) const {
    const auto value = nlohmann::json::parse(line, nullptr, false);
    if (value.is_object()) on_line_(value);
}

}  // namespace oms::docker
