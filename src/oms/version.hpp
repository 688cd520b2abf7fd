#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace oms {

/// A release of OMS (or of OAT): "4.3.1", "4.2.11-CE", "4.0.2-BP2".
///
/// Ordered by its numbers alone; what a suffix means for the order is nowhere documented. So two
/// versions may be neither less nor greater and still differ: ask same_release() for that, and ==
/// for "the same, suffix included".
struct Version {
    int major = 0;
    int minor = 0;
    int patch = 0;
    std::string suffix;  // upper case, parts joined by '-': "CE", "BP1", "CE-BP2"; often empty

    bool operator==(const Version&) const = default;
    std::weak_ordering operator<=>(const Version& other) const;
};

/// True when the numbers are the same, whatever the suffixes.
bool same_release(const Version&, const Version&);

/// Reads a version as OMS, its images and its tables write one: "4.3.1", "V4.3.1", "4.2.5-CE",
/// "4.0.2_BP2", "feature_4.3.1", "feature_4.2.11_ce". Empty when the whole text is not one.
std::optional<Version> parse_version(std::string_view text);

/// The version that the tag of an image names:
/// "work.oceanbase-dev.com/obartifact-store/oms:feature_4.3.1". Empty when there is no tag, when
/// the tag is no version, and when a digest decides what the image is.
std::optional<Version> version_in_image(std::string_view reference);

/// "4.3.1" or "4.2.11-CE".
std::string to_string(const Version&);

/// True for the Community Edition, whose suffix holds "CE".
bool is_community(const Version&);

/// Why an upgrade cannot be made, and what can be done about it.
struct PathProblem {
    std::string what;
    std::string remedy;

    bool operator==(const PathProblem&) const = default;
};

/// Whether OMS can go from `source` to `target` in one upgrade (procedure, first paragraphs):
/// from 3.2.1 on, upwards only, within one edition; the Community Edition as in
/// oms/community.hpp. Empty when it can.
std::optional<PathProblem> check_path(const Version& source, const Version& target);

/// True for a source below 4.0.1, whose schemas the .jar has to restructure (procedure,
/// "Background information"). The Community Edition has no .jar (oms-facts 4.3).
bool needs_schema_migration(const Version& source);

/// True for a source below 4.0.1, in which enableJdbcWriter counts (oms-facts 1.2).
bool has_jdbc_writers(const Version& source);

/// True when the four oms_meta_* keys of config.yaml have to become eight: OMS 4.3.1 wants the
/// eight, and its source had the four. Not for OMS deployed by an `oat` below 4.3.2 (procedure,
/// "Modify the config.yaml file", Notice), and not for the Community Edition, which keeps the four
/// (oms-facts 3).
bool needs_config_split(const Version& source,
                        const Version& target,
                        const std::optional<Version>& oat);

}  // namespace oms
