#include "api/spelling.hpp"

#include <algorithm>
#include <numeric>

namespace oms::api {
namespace {

constexpr std::size_t kNameBytesMax = 64;

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

/// How many letters have to be put in, taken out or changed, whatever their case (Levenshtein).
std::size_t distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < right.size(); ++j) {
            const std::size_t changed = diagonal + (lower(left[i]) == lower(right[j]) ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

}  // namespace

std::optional<std::string_view> did_you_mean(std::string_view name,
                                             const std::vector<std::string_view>& known) {
    if (name.empty() || name.size() > kNameBytesMax) return std::nullopt;
    std::optional<std::string_view> best;
    std::size_t nearest = std::max<std::size_t>(2, name.size() / 3) + 1;
    for (const std::string_view candidate : known) {
        const std::size_t far = distance(name, candidate);
        if (far < nearest && far < candidate.size()) {
            nearest = far;
            best = candidate;
        }
    }
    return best;
}

std::string join_or(const std::vector<std::string_view>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
        text += names[i];
    }
    return text;
}

}  // namespace oms::api
