#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace oms::docker {

/// Reads the daemon's progress: one JSON object a line, cut anywhere. Other lines are skipped.
class JsonLines {
public:
    explicit JsonLines(std::function<void(const nlohmann::json&)> on_line);

    /// Throws Terminal when a line has no end.
    void feed(std::string_view bytes);
    void finish();  // a last line may lack its newline

private:
    void take(std::string_view line) const;

    std::function<void(const nlohmann::json&)> on_line_;
    std::string rest_;
};

}  // namespace oms::docker
