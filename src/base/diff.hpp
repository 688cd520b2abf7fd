#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace oms {

struct DiffLine {
    enum class Kind { Same, Removed, Added };
    Kind kind = Kind::Same;
    std::string text;  // without its line end

    bool operator==(const DiffLine&) const = default;
};

/// The lines of both texts, in order, each once. At most 5,000 lines of each are compared; of
/// longer texts the rest is left out, and the last line says so.
std::vector<DiffLine> diff_lines(std::string_view before, std::string_view after);

}  // namespace oms
