#include "docker/host_file.hpp"

#include "base/error.hpp"
#include "base/sha256.hpp"
#include "docker/container_files.hpp"
#include "docker/file_swap.hpp"

#include <nlohmann/json.hpp>

namespace oms::docker {
namespace {

constexpr auto kSeenAs = "/oms-operator-look";

void remove(const EngineApi& api, const std::string& name) {
    api.send(api.request("DELETE", "/containers/" + http::encode(name) + "?force=1&v=1"),
             {404, 409});
}

}  // namespace

std::optional<std::string> read_host_file(const EngineApi& api,
                                          std::string_view image,
                                          std::string_view path,
                                          std::size_t bytes_max) {
    const std::string name = "oms-operator-file-" + sha256_hex(std::string(path)).substr(0, 12);
    // As a mount, not as a bind: for a bind the daemon would make a folder where nothing is.
    const nlohmann::json mount = {
        {"Type", "bind"}, {"Source", path}, {"Target", kSeenAs}, {"ReadOnly", true}};
    const nlohmann::json body = {{"Image", image},
                                 {"Entrypoint", nlohmann::json::array({"/never/started"})},
                                 {"NetworkDisabled", true},
                                 {"HostConfig", {{"Mounts", nlohmann::json::array({mount})}}},
                                 {"Labels", {{kHelperLabel, "look-at-host"}}}};
    const auto made = api.send(
        api.request("POST", "/containers/create?name=" + http::encode(name), body), {400, 409});
    if (made.status == 400) {
        const std::string why = message_of(made);
        if (why.find("does not exist") != std::string::npos) return std::nullopt;
        fail(400, why, "docker: looking at " + std::string(path));
    }
    try {
        const auto entry = fetch_file(api, name, kSeenAs, bytes_max);
        remove(api, name);
        if (!entry) return std::nullopt;
        return entry->content;
    } catch (const std::exception&) {  // Stopped, too: nothing may be left
        remove(api, name);
        throw;
    }
}

}  // namespace oms::docker
