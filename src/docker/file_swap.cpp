#include "docker/file_swap.hpp"

#include "base/error.hpp"
#include "base/sha256.hpp"
#include "docker/container_files.hpp"
#include "docker/inspect.hpp"
#include "docker/json_parts.hpp"
#include "docker/raw_stream.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <utility>

namespace oms::docker {
namespace {

using nlohmann::json;

constexpr const char* kFolder = "/oms-operator";
constexpr std::size_t kFileMax = 16U << 20U;

// $1 is the file's name, $2 the suffix of the copy or nothing. The new file is there already, under
// a name of its own. The copy is made under a third name first, so that one cut off by a crash is
// never taken for the original. `sync FILE...` of an older coreutils syncs everything: slower, and
// as good.
constexpr const char* kScript = R"sh(set -e
cd /oms-operator
new=".$1.oms-operator-new"
copy=".$1.oms-operator-copy"
if [ -L "$1" ]; then
    echo "$1 is a symbolic link there; mount the file it leads to" >&2
    exit 1
fi
if [ -n "$2" ] && [ ! -e "$1$2" ]; then
    cp -p -- "$1" "$copy"
    sync "$copy"
    mv -f -- "$copy" "$1$2"
fi
sync "$new"
mv -f -- "$new" "$1"
sync .
)sh";

std::string new_name(const HostPath& file) {
    return "." + file.name + ".oms-operator-new";
}

/// A container that is removed when this goes away, on whichever path.
class Helper {
public:
    /// One left behind by a crash of ours is removed first: it never holds anything of value.
    Helper(const EngineApi& api, std::string name, const json& body)
        : api_(api), name_(std::move(name)), target_("/containers/" + http::encode(name_)) {
        remove_leftover();
        api_.send(api_.request("POST", "/containers/create?name=" + http::encode(name_), body));
    }
    ~Helper() {
        try {
            remove();
        } catch (const std::exception&) {  // the next one removes it
            return;
        }
    }
    Helper(const Helper&) = delete;
    Helper& operator=(const Helper&) = delete;

    void put(const TarEntry& file) const {
        auto request = api_.request("PUT", target_ + "/archive?path=" + http::encode(kFolder));
        request.headers.emplace_back("Content-Type", "application/x-tar");
        request.body = write_tar(file);
        api_.send(request);
    }

    void run() const {
        api_.send(api_.request("POST", target_ + "/start"));
        const auto response = api_.send(api_.request("POST", target_ + "/wait"));
        const json ended = parse_answer(response.body, "docker: wait");
        if (ended.value("StatusCode", -1) != 0)
            throw Terminal("docker: a file could not be replaced on the host: " + said());
    }

private:
    void remove_leftover() {
        const auto leftover = api_.find(target_ + "/json");
        if (!leftover) return;
        if (!part(part(part(*leftover, "Config"), "Labels"), kHelperLabel).is_string()) {
            throw Terminal("docker: a container named " + name_ +
                           " is there that the operator did not make; remove or rename it");
        }
        remove();
    }

    void remove() const {
        // v=1: an image with VOLUMEs gave it anonymous ones.
        api_.send(api_.request("DELETE", target_ + "?force=1&v=1"), {404, 409});
    }

    std::string said() const {
        RawStream output(2000);
        output.feed(api_.send(api_.request("GET", target_ + "/logs?stdout=1&stderr=1")).body);
        return output.err() + output.out();
    }

    const EngineApi& api_;
    const std::string name_;
    const std::string target_;
};

}  // namespace

HostPath host_path_of(const runtime::Container& container, const std::string& path) {
    const runtime::Mount* covering = nullptr;
    for (const auto& mount : container.mounts) {
        const bool covers = path == mount.target || path.starts_with(mount.target + "/");
        if (covers && (covering == nullptr || mount.target.size() > covering->target.size()))
            covering = &mount;
    }
    if (covering == nullptr) {
        throw Terminal("docker: " + path + " of container " + container.name +
                       " is on no mount, so a new container would not see it; mount it first");
    }
    const std::filesystem::path on_host = covering->source + path.substr(covering->target.size());
    return {.folder = on_host.parent_path(), .name = on_host.filename()};
}

json helper_body(const json& of, const HostPath& file, std::string_view copy_suffix) {
    const json old_host_config = part(of, "HostConfig");
    json host_config = {
        {"NetworkMode", "none"},
        {"Mounts", json::array({{{"Type", "bind"}, {"Source", file.folder}, {"Target", kFolder}}})},
        // On a host with SELinux, only a container without a label may write there.
        {"SecurityOpt", json::array({"label=disable"})},
        {"LogConfig", {{"Type", "json-file"}, {"Config", json::object()}}},
        {"RestartPolicy", {{"Name", "no"}, {"MaximumRetryCount", 0}}}};
    for (const char* key : {"UsernsMode", "Runtime", "CgroupParent"})
        if (!part(old_host_config, key).is_null()) host_config[key] = old_host_config[key];
    return {{"Image", part(of, "Image")},
            {"Entrypoint", json::array({"/bin/sh", "-c", kScript, "sh"})},
            {"Cmd", json::array({file.name, copy_suffix})},
            {"User", "0:0"},
            {"WorkingDir", "/"},
            {"Tty", false},
            {"AttachStdout", false},
            {"AttachStderr", false},
            {"Healthcheck", {{"Test", json::array({"NONE"})}}},
            {"Labels", {{kHelperLabel, "replace-file"}}},
            {"HostConfig", host_config}};
}

void replace_file_on_host(const EngineApi& api,
                          const json& inspect,
                          std::string_view path,
                          std::string_view content,
                          std::string_view copy_suffix) {
    const runtime::Container container = read_container(inspect);
    const auto file = find_file(api, container.id, path);
    auto entry = file ? fetch_file(api, container.id, file->path, kFileMax) : std::nullopt;
    if (!entry) {
        throw Terminal("docker: " + std::string(path) + " in container " + container.name +
                       " cannot be replaced: there is no such file");
    }
    if (entry->content == content) return;
    const HostPath on_host = host_path_of(container, file->path);
    const std::string name =
        "oms-operator-file-" + container.name + "-" + sha256_hex(file->path).substr(0, 8);
    const Helper helper(api, name, helper_body(inspect, on_host, copy_suffix));
    entry->name = new_name(on_host);  // owner and mode are the old one's
    entry->content = content;
    helper.put(*entry);
    helper.run();
}

}  // namespace oms::docker
