#include "kube/lines.hpp"

#include "base/error.hpp"

#include <utility>

namespace oms::kube {

bool Lines::feed(std::string_view bytes, const OnLine& on_line) {
    while (!bytes.empty()) {
        const std::size_t newline = bytes.find('\n');
        const std::string_view piece = bytes.substr(0, newline);
        if (open_.size() + piece.size() > longest_) {
            throw Transient("the API server sent a line of more than " + std::to_string(longest_) +
                            " bytes in a watch");
        }
        if (newline == std::string_view::npos) {
            open_ += piece;
            return true;
        }
        bytes.remove_prefix(newline + 1);
        // Most chunks hold whole lines, which are then never copied.
        const std::string joined = open_.empty() ? std::string() : take_rest() + std::string(piece);
        const std::string_view line = joined.empty() ? piece : std::string_view(joined);
        if (!line.empty() && !on_line(line)) return false;
    }
    return true;
}

std::string Lines::take_rest() {
    return std::exchange(open_, {});
}

}  // namespace oms::kube
