#pragma once

#include <string>
#include <vector>

namespace oms::runtime {

/// What an archive for `docker load` says of its images, before anything is loaded.
struct ImageArchive {
    struct Image {
        std::vector<std::string> tags;  // references: "oms:feature_4.3.1"
        std::string architecture;       // amd64, arm64; empty where it does not say

        bool operator==(const Image&) const = default;
    };

    bool is_compressed = false;  // nothing can be said of it then
    std::vector<Image> images;

    bool operator==(const ImageArchive&) const = default;
};

}  // namespace oms::runtime
