#include "docker/inspect.hpp"

#include "base/error.hpp"
#include "docker/json_parts.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace oms::docker {
namespace {

using nlohmann::json;

/// Absent and null are the daemon's two ways to say "nothing".
const json& at(const json& object, const char* key) {
    static const json nothing;
    if (!object.is_object()) return nothing;
    const auto found = object.find(key);
    return found == object.end() ? nothing : *found;
}

bool flag(const json& object, const char* key) {
    const json& value = at(object, key);
    return value.is_boolean() && value.get<bool>();
}

int number(const json& object, const char* key) {
    const json& value = at(object, key);
    return value.is_number_integer() ? value.get<int>() : 0;
}

std::optional<Time> time(const json& object, const char* key) {
    const std::string value = text(object, key);
    if (value.starts_with("0001-")) return std::nullopt;  // Go's zero time: it has not happened
    return from_rfc3339(value);
}

std::map<std::string, std::string> labels(const json& config) {
    std::map<std::string, std::string> all;
    for (const auto& [key, value] : at(config, "Labels").items())
        if (value.is_string()) all[key] = value.get<std::string>();
    return all;
}

std::map<std::string, std::string> environment(const json& config) {
    std::map<std::string, std::string> all;
    for (const json& entry : at(config, "Env")) {
        if (!entry.is_string()) continue;
        const auto pair = entry.get<std::string>();
        const auto equals = pair.find('=');
        if (equals != std::string::npos) all[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    return all;
}

std::vector<runtime::Mount> mounts(const json& inspect) {
    std::vector<runtime::Mount> all;
    for (const json& mount : at(inspect, "Mounts")) {
        const std::string type = text(mount, "Type");
        if (type != "bind" && type != "volume") continue;  // a tmpfs has no source
        all.push_back({.source = text(mount, "Source"),
                       .target = text(mount, "Destination"),
                       .read_only = !flag(mount, "RW")});
    }
    // The daemon lists them in an order that changes from one look to the next.
    std::sort(
        all.begin(), all.end(), [](const auto& a, const auto& b) { return a.target < b.target; });
    return all;
}

runtime::RestartPolicy restart_policy(const json& host_config) {
    const json& policy = at(host_config, "RestartPolicy");
    const std::string name = text(policy, "Name");
    return {.name = name.empty() ? "no" : name, .retries_max = number(policy, "MaximumRetryCount")};
}

}  // namespace

runtime::Container read_container(const json& inspect) {
    const json& state = at(inspect, "State");
    const json& config = at(inspect, "Config");
    const json& host_config = at(inspect, "HostConfig");
    runtime::Container container;
    container.id = text(inspect, "Id");
    container.name = text(inspect, "Name");
    if (container.id.empty() || !container.name.starts_with('/') || !state.is_object())
        throw Terminal("docker: what describes a container lacks its Id, Name or State");
    container.name.erase(0, 1);
    container.image = text(config, "Image");
    container.image_id = text(inspect, "Image");
    container.state = text(state, "Status");
    container.running =
        flag(state, "Running") || flag(state, "Paused") || flag(state, "Restarting");
    container.exit_code = number(state, "ExitCode");
    container.started_at = time(state, "StartedAt");
    container.finished_at = time(state, "FinishedAt");
    container.mounts = mounts(inspect);
    container.environment = environment(config);
    container.labels = labels(config);
    container.restart = restart_policy(host_config);
    container.host_network = text(host_config, "NetworkMode") == "host";
    container.privileged = flag(host_config, "Privileged");
    return container;
}

runtime::Image read_image(const json& inspect) {
    runtime::Image image;
    image.id = text(inspect, "Id");
    if (image.id.empty()) throw Terminal("docker: what describes an image lacks its Id");
    for (const json& tag : at(inspect, "RepoTags"))
        if (tag.is_string()) image.tags.push_back(tag.get<std::string>());
    image.architecture = architecture_of(text(inspect, "Architecture"));
    image.labels = labels(at(inspect, "Config"));
    return image;
}

runtime::HostInfo read_info(const json& info, std::string_view api_version) {
    return {.name = text(info, "Name"),
            .engine = "Docker " + text(info, "ServerVersion") + ", API " + std::string(api_version),
            .architecture = architecture_of(text(info, "Architecture"))};
}

std::string architecture_of(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kNames{
        {{"x86_64", "amd64"}, {"aarch64", "arm64"}, {"armv7l", "arm"}, {"i686", "386"}}};
    for (const auto& [kernel, image] : kNames)
        if (kernel == name) return std::string(image);
    return std::string(name);
}

}  // namespace oms::docker
