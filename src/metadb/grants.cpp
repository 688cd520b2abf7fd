#include "metadb/grants.hpp"

#include <algorithm>
#include <cctype>

namespace oms::metadb {
namespace {

std::string upper_trimmed(std::string_view text) {
    const auto is_space = [](char c) { return c == ' '; };
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    std::string upper(text);
    std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) {
        return static_cast<char>(std::toupper(c));
    });
    return upper;
}

// The rights before " ON ": commas within parentheses belong to a list of columns, and a right on
// columns is none on the database.
std::set<std::string> split_rights(std::string_view list) {
    std::set<std::string> rights;
    std::size_t begin = 0;
    int depth = 0;
    for (std::size_t i = 0; i <= list.size(); ++i) {
        if (i < list.size() && list[i] == '(') ++depth;
        if (i < list.size() && list[i] == ')') --depth;
        if (i < list.size() && (list[i] != ',' || depth != 0)) continue;
        const std::string right = upper_trimmed(list.substr(begin, i - begin));
        if (right.find('(') == std::string::npos) rights.insert(right);
        begin = i + 1;
    }
    // MariaDB before 10.5 and OceanBase write ALL PRIVILEGES, some proxies ALL.
    if (rights.contains("ALL")) rights.insert("ALL PRIVILEGES");
    return rights;
}

// Takes `x` or 'x' or x from the front; a doubled quote stands for one.
std::string take_name(std::string_view& rest) {
    std::string name;
    if (rest.empty()) return name;
    const char quote = rest.front();
    if (quote != '`' && quote != '\'' && quote != '"') {
        const std::size_t end = std::min(rest.find_first_of(". "), rest.size());
        name = rest.substr(0, end);
        rest.remove_prefix(end);
        return name;
    }
    std::size_t at = 1;
    for (; at < rest.size(); ++at) {
        if (rest[at] == quote && (at + 1 == rest.size() || rest[at + 1] != quote)) break;
        if (rest[at] == quote) ++at;
        name += rest[at];
    }
    rest.remove_prefix(std::min(at + 1, rest.size()));
    return name;
}

}  // namespace

std::optional<Grant> parse_grant(std::string_view line) {
    constexpr std::string_view kGrant = "GRANT ";
    constexpr std::string_view kOn = " ON ";
    const std::size_t on = line.find(kOn);
    if (!line.starts_with(kGrant) || on == std::string_view::npos) return std::nullopt;
    Grant grant{.rights = split_rights(line.substr(kGrant.size(), on - kGrant.size()))};
    if (grant.rights.contains("PROXY")) return std::nullopt;
    std::string_view rest = line.substr(on + kOn.size());
    for (const std::string_view kind : {"TABLE ", "FUNCTION ", "PROCEDURE ", "PACKAGE "})
        if (rest.starts_with(kind)) rest.remove_prefix(kind.size());
    grant.database = take_name(rest);
    if (!rest.starts_with('.')) return std::nullopt;
    rest.remove_prefix(1);
    grant.is_whole_database = rest.starts_with('*');
    return grant;
}

bool matches(std::string_view pattern, std::string_view name) {
    if (pattern.empty()) return name.empty();
    if (pattern.front() == '%') {
        for (std::size_t skip = 0; skip <= name.size(); ++skip)
            if (matches(pattern.substr(1), name.substr(skip))) return true;
        return false;
    }
    const bool any = pattern.front() == '_';
    if (pattern.front() == '\\' && pattern.size() > 1) pattern.remove_prefix(1);
    return !name.empty() && (any || name.front() == pattern.front()) &&
           matches(pattern.substr(1), name.substr(1));
}

std::vector<std::string> missing(const std::vector<Grant>& grants,
                                 const std::string& database,
                                 const std::vector<std::string>& needed) {
    const auto gives = [&](const Grant& grant, const std::string& right) {
        return grant.is_whole_database &&
               (grant.database == "*" || matches(grant.database, database)) &&
               (grant.rights.contains(right) || grant.rights.contains("ALL PRIVILEGES"));
    };
    std::vector<std::string> lacking;
    for (const std::string& right : needed) {
        if (std::none_of(
                grants.begin(), grants.end(), [&](const Grant& g) { return gives(g, right); }))
            lacking.push_back(right);
    }
    return lacking;
}

}  // namespace oms::metadb
