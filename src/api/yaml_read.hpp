#pragma once

// YAML text to JSON values. Seen by this room's .cpp files only.

#include "api/problem.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace oms::api {

/// One document of a YAML file as JSON, and on which line each path of it begins.
struct YamlDocument {
    nlohmann::json value;
    std::map<std::string, int> lines;  // "spec.nodes[0]" -> 7; "" -> the document's own
    std::vector<Problem> problems;     // keys that stand twice, tags, ...: with their lines

    /// The line of a path, or of the nearest thing around it that there is.
    int line_of(std::string_view path) const;
};

/// All documents that are not empty. Throws BadManifest when the text is too big, not UTF-8, or not
/// YAML.
std::vector<YamlDocument> read_yaml(std::string_view text, std::string_view source);

/// What a plain scalar means in the core schema of YAML 1.2: null, a bool, a number, or text.
nlohmann::json resolve_plain(const std::string& text);

}  // namespace oms::api
