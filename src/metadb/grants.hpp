#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// What a user may do, from the lines of SHOW GRANTS. Pure.
namespace oms::metadb {

/// One line: "GRANT SELECT, INSERT ON `oms\_rm`.* TO `oms`@`%`".
struct Grant {
    std::set<std::string> rights;   // upper case; "ALL PRIVILEGES" stands for all
    std::string database;           // a pattern with % and _; "*": all of them
    bool is_whole_database = true;  // ON x.*; otherwise ON one table, column or routine

    bool operator==(const Grant&) const = default;
};

/// Empty for a line that grants no right on databases (a role, a proxy).
std::optional<Grant> parse_grant(std::string_view line);

/// Whether `name` matches a pattern of a grant: % any text, _ any byte, backslash takes the next
/// one as it is.
bool matches(std::string_view pattern, std::string_view name);

/// Which of `needed` these grants do not give on the whole of `database`, in the order of `needed`.
std::vector<std::string> missing(const std::vector<Grant>& grants,
                                 const std::string& database,
                                 const std::vector<std::string>& needed);

}  // namespace oms::metadb
