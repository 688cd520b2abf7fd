#include "base/diff.hpp"

#include <dtl/dtl.hpp>

#include <sstream>

namespace oms {
namespace {

constexpr std::size_t kLinesMax = 5'000;

std::vector<std::string> lines_of(std::string_view text, bool& cut) {
    std::vector<std::string> lines;
    std::istringstream in{std::string(text)};
    for (std::string line; std::getline(in, line);) {
        if (lines.size() == kLinesMax) {
            cut = true;
            break;
        }
        lines.push_back(line);
    }
    return lines;
}

}  // namespace

std::vector<DiffLine> diff_lines(std::string_view before, std::string_view after) {
    bool cut = false;
    dtl::Diff<std::string> diff(lines_of(before, cut), lines_of(after, cut));
    diff.compose();
    std::vector<DiffLine> all;
    for (const auto& [line, info] : diff.getSes().getSequence()) {
        using Kind = DiffLine::Kind;
        const Kind kind = info.type == dtl::SES_ADD      ? Kind::Added
                          : info.type == dtl::SES_DELETE ? Kind::Removed
                                                         : Kind::Same;
        all.push_back({kind, line});
    }
    if (cut) all.push_back({DiffLine::Kind::Same, "(the rest is left out)"});
    return all;
}

}  // namespace oms
