#include "oms/version.hpp"

#include "oms/community.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

namespace oms {
namespace {

constexpr std::size_t kTextMax = 64;
constexpr std::size_t kDigitsMax = 4;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char to_upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

std::string upper(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), to_upper);
    return result;
}

/// Takes a number off the front: no sign, no leading zero, few digits.
std::optional<int> take_number(std::string_view& text) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
    const auto digits = static_cast<std::size_t>(end - text.begin());
    if (digits == 0 || digits > kDigitsMax) return std::nullopt;
    if (digits > 1 && text.front() == '0') return std::nullopt;
    int number = 0;
    std::from_chars(text.data(), text.data() + digits, number);
    text.remove_prefix(digits);
    return number;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

void take_prefix(std::string_view& text) {
    constexpr std::string_view kFeature = "FEATURE_";
    if (upper(text.substr(0, kFeature.size())) == kFeature) {
        text.remove_prefix(kFeature.size());
    } else if (!text.empty() && to_upper(text.front()) == 'V') {
        text.remove_prefix(1);
    }
}

/// Reads "-CE", "_bp1", "-ce_BP2": every part begins after a separator and is not empty.
std::optional<std::string> read_suffix(std::string_view text) {
    std::string suffix;
    bool at_separator = true;
    for (const char c : text) {
        const bool separator = c == '-' || c == '_';
        if (!separator && !is_letter(c) && !is_digit(c)) return std::nullopt;
        if (separator && at_separator) return std::nullopt;
        suffix += separator ? '-' : to_upper(c);
        at_separator = separator;
    }
    if (!text.empty() && at_separator) return std::nullopt;
    return suffix;
}

}  // namespace

std::weak_ordering Version::operator<=>(const Version& other) const {
    return std::tie(major, minor, patch) <=> std::tie(other.major, other.minor, other.patch);
}

bool same_release(const Version& one, const Version& other) {
    return (one <=> other) == std::weak_ordering::equivalent;
}

std::optional<Version> parse_version(std::string_view text) {
    if (text.size() > kTextMax) return std::nullopt;
    take_prefix(text);
    Version version;
    const std::array<int*, 3> numbers{&version.major, &version.minor, &version.patch};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (i > 0 && !take(text, '.')) return std::nullopt;
        const auto number = take_number(text);
        if (!number) return std::nullopt;
        *numbers[i] = *number;
    }
    if (!text.empty() && text.front() != '-' && text.front() != '_') return std::nullopt;
    auto suffix = read_suffix(text.empty() ? text : text.substr(1));
    if (!suffix || (!text.empty() && suffix->empty())) return std::nullopt;
    version.suffix = std::move(*suffix);
    return version;
}

std::optional<Version> version_in_image(std::string_view reference) {
    if (reference.find('@') != std::string_view::npos) return std::nullopt;
    // A colon before the last slash is a registry's port, not a tag.
    const auto slash = reference.rfind('/');
    const auto name = slash == std::string_view::npos ? reference : reference.substr(slash + 1);
    const auto colon = name.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    return parse_version(name.substr(colon + 1));
}

std::string to_string(const Version& version) {
    std::string text = std::to_string(version.major) + "." + std::to_string(version.minor) + "." +
                       std::to_string(version.patch);
    if (!version.suffix.empty()) text += "-" + version.suffix;
    return text;
}

bool is_community(const Version& version) {
    return ("-" + version.suffix + "-").find("-CE-") != std::string::npos;
}

std::optional<PathProblem> check_path(const Version& source, const Version& target) {
    const std::string from = to_string(source);
    const std::string to = to_string(target);
    const auto edition = [](const Version& v) {
        return is_community(v) ? "the Community Edition" : "the Enterprise Edition";
    };
    if (is_community(source) != is_community(target)) {
        return PathProblem{"OMS " + from + " is " + edition(source) + " and " + to + " is " +
                               edition(target) + "; one is not an upgrade of the other",
                           "set spec.targetVersion and spec.image to a release of " +
                               std::string(edition(source)) +
                               (is_community(source) ? ", such as 4.2.11-CE" : "")};
    }
    if (same_release(source, target)) {
        return PathProblem{
            "OMS is " + from + " already and the target is " + to + ": there is nothing to do",
            "set spec.targetVersion to a release above " + from};
    }
    if (target < source) {
        return PathProblem{
            "OMS is " + from + " and the target " + to + " is below it: OMS cannot be downgraded",
            "set spec.targetVersion to a release above " + from +
                "; to undo an upgrade, ask for its rollback"};
    }
    if (is_community(source)) return check_community_path(source, target);
    if (source < Version{3, 2, 1, ""}) {
        return PathProblem{"OMS " + from + " cannot be upgraded to " + to + " directly",
                           "first upgrade to 3.2.1, then to " + to};
    }
    return std::nullopt;
}

bool needs_schema_migration(const Version& source) {
    return has_jdbc_writers(source) && !is_community(source);
}

bool has_jdbc_writers(const Version& source) {
    return source < Version{4, 0, 1, ""};
}

bool needs_config_split(const Version& source,
                        const Version& target,
                        const std::optional<Version>& oat) {
    const Version split_since{4, 3, 1, ""};
    if (is_community(target) || target < split_since || source >= split_since) return false;
    return !(oat && *oat < Version{4, 3, 2, ""});
}

}  // namespace oms
