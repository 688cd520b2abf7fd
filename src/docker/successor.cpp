#include "docker/successor.hpp"

#include "docker/json_parts.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <string_view>

namespace oms::docker {
namespace {

using nlohmann::json;

constexpr int kProcesses = 65535;  // procedure: --ulimit nproc=65535:65535

bool says_nothing(const json& value) {
    return value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty()) ||
           ((value.is_array() || value.is_object()) && value.empty());
}

/// Did a person set it, other than the image does?
bool differs(const json& config, const json& image_config, const char* key) {
    const json own = part(config, key);
    const json from_image = part(image_config, key);
    return own != from_image && !(says_nothing(own) && says_nothing(from_image));
}

std::string key_of(const std::string& variable) {
    return variable.substr(0, variable.find('='));
}

json environment(const json& config, const json& image_config, const runtime::Successor& wanted) {
    const json from_image = part(image_config, "Env");
    json result = json::array();
    for (const json& variable : part(config, "Env")) {
        const bool of_image =
            std::find(from_image.begin(), from_image.end(), variable) != from_image.end();
        if (!of_image && !wanted.environment.contains(key_of(variable.get<std::string>())))
            result.push_back(variable);
    }
    for (const auto& [key, value] : wanted.environment) result.push_back(key + "=" + value);
    return result;
}

json labels(const json& config,
            const json& image_config,
            const runtime::Successor& wanted,
            const json& old_id) {
    json result = json::object();
    const json from_image = part(image_config, "Labels");
    const json own = part(config, "Labels");
    for (const auto& [key, value] : own.items())
        if (part(from_image, key.c_str()) != value) result[key] = value;
    for (const auto& [key, value] : wanted.labels) result[key] = value;
    result[kSuccessorLabel] = old_id;
    return result;
}

/// Where a bind like "/data/oms:/home/admin/logs:ro" goes in the container.
std::string target_in(const std::string& bind) {
    const auto first = bind.find(':');
    if (first == std::string::npos) return bind;
    return bind.substr(first + 1, bind.find(':', first + 1) - first - 1);
}

std::set<std::string> told_targets(const json& host_config) {
    std::set<std::string> targets;
    for (const json& bind : part(host_config, "Binds")) targets.insert(target_in(bind));
    for (const json& mount : part(host_config, "Mounts"))
        targets.insert(mount.value("Target", std::string{}));
    return targets;
}

/// Anonymous volumes and what came with --volumes-from are mounted, but nobody told how: named
/// here, so that the successor sees the same data ("the mount directories must remain unchanged").
json untold_mounts(const json& old, const json& host_config) {
    const auto told = told_targets(host_config);
    json mounts = part(host_config, "Mounts");
    if (!mounts.is_array()) mounts = json::array();
    for (const json& mount : part(old, "Mounts")) {
        const std::string type = mount.value("Type", std::string{});
        const std::string target = mount.value("Destination", std::string{});
        if ((type != "bind" && type != "volume") || told.contains(target)) continue;
        mounts.push_back({{"Type", type},
                          {"Source", type == "volume" ? mount["Name"] : mount["Source"]},
                          {"Target", target},
                          {"ReadOnly", !mount.value("RW", true)}});
    }
    return mounts;
}

/// Takes away what would be mounted where something else is wanted now.
json without_targets(const json& all,
                     const runtime::Successor& wanted,
                     const std::function<std::string(const json&)>& target_of) {
    json kept = json::array();
    for (const json& one : all) {
        const bool replaced =
            std::any_of(wanted.mounts.begin(), wanted.mounts.end(), [&](const auto& mount) {
                return mount.target == target_of(one);
            });
        if (!replaced) kept.push_back(one);
    }
    return kept;
}

/// As mounts, not as binds: for a bind the daemon would make a folder where nothing is.
void add_mounts(json& host_config, const runtime::Successor& wanted) {
    if (wanted.mounts.empty()) return;
    host_config["Binds"] =
        without_targets(part(host_config, "Binds"), wanted, [](const json& bind) {
            return target_in(bind.get<std::string>());
        });
    json mounts = without_targets(part(host_config, "Mounts"), wanted, [](const json& mount) {
        return mount.value("Target", std::string{});
    });
    for (const auto& mount : wanted.mounts) {
        mounts.push_back({{"Type", "bind"},
                          {"Source", mount.source},
                          {"Target", mount.target},
                          {"ReadOnly", mount.read_only}});
    }
    host_config["Mounts"] = mounts;
}

json ulimits(const json& host_config) {
    json result = json::array();
    for (const json& limit : part(host_config, "Ulimits"))
        if (part(limit, "Name") != "nproc") result.push_back(limit);
    result.push_back({{"Name", "nproc"}, {"Soft", kProcesses}, {"Hard", kProcesses}});
    return result;
}

json host_config(const json& old, const runtime::Successor& wanted) {
    json result = part(old, "HostConfig");
    result["Mounts"] = untold_mounts(old, result);
    add_mounts(result, wanted);
    result["Ulimits"] = ulimits(result);
    result["NetworkMode"] = "host";
    result["Privileged"] = true;
    result["PidsLimit"] = -1;
    result["RestartPolicy"] = {{"Name", wanted.restart.name},
                               {"MaximumRetryCount", wanted.restart.retries_max}};
    // A container that removes itself cannot be looked at when it has failed.
    result["AutoRemove"] = false;
    // None of these goes with the host's network, or they were said in another way above. The
    // masked paths are the daemon's own answer to "not privileged".
    for (const char* key : {"PortBindings",
                            "PublishAllPorts",
                            "Links",
                            "VolumesFrom",
                            "ContainerIDFile",
                            "MaskedPaths",
                            "ReadonlyPaths",
                            "ConsoleSize",
                            "KernelMemory",
                            "KernelMemoryTCP"})
        result.erase(key);
    return result;
}

/// A container gets a host name by itself: its own short id, or the host's on the host's network.
bool named_by_person(const json& old, const std::string& host_name) {
    const json config = part(old, "Config");
    const auto name = config.value("Hostname", std::string{});
    const auto id = old.value("Id", std::string{});
    return !name.empty() && name != host_name && !id.starts_with(name) &&
           part(part(old, "HostConfig"), "UTSMode") != "host";
}

}  // namespace

json successor_body(const json& old,
                    const json& old_image,
                    const runtime::Successor& wanted,
                    const std::string& host_name) {
    const json config = part(old, "Config");
    const json image_config = part(old_image, "Config");
    json body = {{"Image", wanted.image},
                 {"Env", environment(config, image_config, wanted)},
                 {"Labels", labels(config, image_config, wanted, part(old, "Id"))},
                 {"HostConfig", host_config(old, wanted)},
                 // docker run -dit
                 {"Tty", true},
                 {"OpenStdin", true},
                 {"StdinOnce", false},
                 {"AttachStdin", false},
                 {"AttachStdout", false},
                 {"AttachStderr", false}};
    for (const char* key :
         {"User", "WorkingDir", "Cmd", "StopSignal", "StopTimeout", "Healthcheck", "Shell"})
        if (differs(config, image_config, key)) body[key] = part(config, key);
    if (differs(config, image_config, "Entrypoint")) {
        // Whoever set the entrypoint has thereby set aside the image's command, too.
        body["Entrypoint"] = part(config, "Entrypoint");
        body["Cmd"] = part(config, "Cmd");
    }
    if (named_by_person(old, host_name)) {
        body["Hostname"] = config["Hostname"];
        if (!says_nothing(part(config, "Domainname"))) body["Domainname"] = config["Domainname"];
    }
    return body;
}

}  // namespace oms::docker
