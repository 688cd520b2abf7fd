#include "base/error.hpp"
#include "base/sha256.hpp"
#include "docker/container_files.hpp"
#include "docker/file_swap.hpp"
#include "docker/images.hpp"
#include "docker/inspect.hpp"

#include <nlohmann/json.hpp>

namespace oms::docker {

std::optional<bool> image_holds(const EngineApi& api,
                                std::string_view reference,
                                std::string_view path) {
    if (!api.find("/images/" + http::encode(reference) + "/json")) return std::nullopt;
    // A name of its own for each image: one that a crash left behind is simply taken.
    const std::string name = "oms-operator-image-" + sha256_hex(reference).substr(0, 12);
    const nlohmann::json body = {{"Image", reference},
                                 {"Entrypoint", nlohmann::json::array({"/never/started"})},
                                 {"NetworkDisabled", true},
                                 {"Labels", {{kHelperLabel, "look-into-image"}}}};
    api.send(api.request("POST", "/containers/create?name=" + http::encode(name), body), {409});
    const auto remove = [&] {
        api.send(api.request("DELETE", "/containers/" + http::encode(name) + "?force=1&v=1"),
                 {404, 409});
    };
    try {
        const bool held = find_file(api, name, path).has_value();
        remove();
        return held;
    } catch (const std::exception&) {  // Stopped, too: nothing may be left
        remove();
        throw;
    }
}

}  // namespace oms::docker
