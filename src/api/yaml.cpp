#include "api/yaml.hpp"

#include "api/yaml_read.hpp"

#include <utility>

namespace oms::api {

nlohmann::json yaml_to_json(std::string_view text) {
    auto documents = read_yaml(text, "the file");
    if (documents.empty()) return nullptr;
    if (documents.size() > 1)
        throw BadManifest("the file", {{"", "must hold one document, but holds several", 0}});
    if (!documents.front().problems.empty())
        throw BadManifest("the file", std::move(documents.front().problems));
    return std::move(documents.front().value);
}

}  // namespace oms::api
