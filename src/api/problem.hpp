#pragma once

#include "base/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace oms::api {

/// One thing that is wrong with a manifest. Never holds the value of a Secret.
struct Problem {
    std::string path;     // "spec.nodes[0].docker.endpoint"; empty: the whole document
    std::string message;  // "must be text, but is the number 4.3"
    int line = 0;         // of the file it was read from, from 1; 0: not from a file

    bool operator==(const Problem&) const = default;
};

/// "line 7: spec.targetVersion: must be ...".
std::string to_string(const Problem&);

/// A manifest that cannot be used, with everything that is wrong with it.
struct BadManifest : Terminal {
    /// `source` is what a person knows the manifest by: the name of its file.
    BadManifest(std::string_view source, std::vector<Problem> found);

    std::vector<Problem> problems;
};

}  // namespace oms::api
