#include "docker/docker_host.hpp"

#include "base/error.hpp"
#include "docker/container_files.hpp"
#include "docker/engine_api.hpp"
#include "docker/exec.hpp"
#include "docker/file_swap.hpp"
#include "docker/host_file.hpp"
#include "docker/images.hpp"
#include "docker/inspect.hpp"
#include "docker/json_parts.hpp"
#include "docker/successor.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace oms::docker {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

std::string target_of(const std::string& container, const std::string& rest = {}) {
    return "/containers/" + http::encode(container) + rest;
}

class DockerHost final : public runtime::Host {
public:
    DockerHost(std::unique_ptr<http::Transport> transport, Permit permit)
        : api_(std::move(transport), std::move(permit)) {}

    runtime::HostInfo info() const override {
        const auto info = api_.find("/info");
        if (!info) throw Terminal("what answers at this endpoint knows no GET /info: not Docker");
        return read_info(*info, api_.version());
    }

    std::optional<runtime::Container> find_container(std::string_view name) const override {
        const auto inspect = look_up(name);
        if (!inspect) return std::nullopt;
        return read_container(*inspect);
    }

    /// The list itself says neither when a container was started nor how it ended.
    std::vector<runtime::Container> containers() const override {
        const auto list = api_.find("/containers/json?all=true");
        if (!list || !list->is_array())
            throw Terminal("docker: GET /containers/json answered with something else than a list");
        if (list->size() > runtime::kContainersMax) {
            throw Terminal("docker: there are " + std::to_string(list->size()) +
                           " containers, and no more than " +
                           std::to_string(runtime::kContainersMax) +
                           " are looked through; remove those that nobody needs");
        }
        std::vector<runtime::Container> all;
        for (const json& entry : *list) {
            // One that has gone away since the list was made is not there.
            if (const auto found = find_container(text(entry, "Id"))) all.push_back(*found);
        }
        return all;
    }

    std::optional<runtime::Image> find_image(std::string_view reference_or_id) const override {
        const auto inspect = api_.find("/images/" + http::encode(reference_or_id) + "/json");
        if (!inspect) return std::nullopt;
        return read_image(*inspect);
    }

    std::optional<bool> image_holds(std::string_view reference_or_id,
                                    std::string_view path) const override {
        return docker::image_holds(api_, reference_or_id, path);
    }

    bool image_is_used(std::string_view reference_or_id) const override {
        const json filters = {{"ancestor", {reference_or_id}}};
        const auto found =
            api_.find("/containers/json?all=1&filters=" + http::encode(filters.dump()));
        return found && !found->empty();
    }

    std::optional<std::string> read_file(std::string_view container,
                                         std::string_view path,
                                         std::size_t bytes_max) const override {
        auto entry = fetch_file(api_, std::string(container), path, bytes_max);
        if (!entry) return std::nullopt;
        return std::move(entry->content);
    }

    std::optional<std::string> read_host_file(std::string_view image,
                                              std::string_view path,
                                              std::size_t bytes_max) const override {
        return docker::read_host_file(api_, image, path, bytes_max);
    }

    std::optional<runtime::Output> ask(std::string_view container,
                                       const std::vector<std::string>& command,
                                       std::chrono::milliseconds timeout) const override {
        return run_command(api_, std::string(container), command, timeout);
    }

    void load_image(const std::filesystem::path& archive,
                    const ReportProgress& report,
                    std::stop_token stop) override {
        docker::load_image(api_, archive, report, std::move(stop));
    }

    void pull_image(std::string_view reference,
                    const std::optional<runtime::RegistryLogin>& login,
                    const ReportProgress& report,
                    std::stop_token stop) override {
        docker::pull_image(api_, reference, login, report, std::move(stop));
    }

    void set_restart_policy(std::string_view container,
                            const runtime::RestartPolicy& policy) override {
        const json body = {
            {"RestartPolicy", {{"Name", policy.name}, {"MaximumRetryCount", policy.retries_max}}}};
        api_.send(api_.request("POST", target_of(id_of(container), "/update"), body));
    }

    void stop(std::string_view container,
              std::chrono::seconds grace,
              std::stop_token stop) override {
        const auto inspect = look_up(container);
        if (!inspect) return;  // what is not there does not run
        const std::string id = read_container(*inspect).id;
        auto request = api_.request(
            "POST",
            target_of(id, "/stop?t=" + std::to_string(std::max<std::int64_t>(grace.count(), 0))));
        request.timeout = grace + 60s;  // the daemon is silent until it has ended
        request.stop = stop;
        api_.send(request, {304, 404});
        // 304 says "not running", which a container between two restarts is, too.
        auto wait = api_.request("POST", target_of(id, "/wait?condition=not-running"));
        wait.stop = std::move(stop);
        api_.send(wait, {404});
    }

    void start(std::string_view container) override {
        api_.send(api_.request("POST", target_of(id_of(container), "/start")), {304});
    }

    void create(const runtime::Successor& wanted) override {
        if (is_made(wanted)) return;
        const auto old = look_up(wanted.of);
        if (!old) {
            throw Terminal("docker: there is no container " + wanted.of +
                           " to carry the settings of " + wanted.name + " over from");
        }
        const std::string old_image_id = read_container(*old).image_id;
        const auto old_image = api_.find("/images/" + http::encode(old_image_id) + "/json");
        if (!old_image) {
            throw Terminal(
                "docker: the image " + old_image_id + " of container " + wanted.of +
                " is gone, and with it what a person set and what the image did; load it "
                "again");
        }
        const json body = successor_body(*old, *old_image, wanted, info().name);
        const auto response = api_.send(
            api_.request("POST", "/containers/create?name=" + http::encode(wanted.name), body),
            {409});
        if (response.status == 409 && !is_made(wanted)) fail(409, message_of(response), "docker");
    }

    void create(const runtime::Helper& wanted) override {
        if (is_made(wanted)) return;
        const std::string bind =
            wanted.bind.source + ":" + wanted.bind.target + (wanted.bind.read_only ? ":ro" : "");
        const json body = {{"Image", wanted.image},
                           {"Labels", wanted.labels},
                           {"HostConfig", {{"Binds", {bind}}}}};
        const auto response = api_.send(
            api_.request("POST", "/containers/create?name=" + http::encode(wanted.name), body),
            {409});
        if (response.status == 409 && !is_made(wanted)) fail(409, message_of(response), "docker");
    }

    void rename(std::string_view container, std::string_view name) override {
        const auto inspect = look_up(container);
        if (!inspect) {
            // An earlier call may have done it.
            if (look_up(name)) return;
            throw Terminal("docker: there is no container " + std::string(container));
        }
        api_.send(api_.request(
            "POST", target_of(read_container(*inspect).id, "/rename?name=" + http::encode(name))));
    }

    void remove_image(std::string_view reference) override {
        api_.send(api_.request("DELETE", "/images/" + http::encode(reference)), {404});
    }

    void remove(std::string_view container) override {
        const auto inspect = look_up(container);
        if (!inspect) return;
        // Never v=1: its anonymous volumes may be mounted by its successor.
        api_.send(api_.request("DELETE", target_of(read_container(*inspect).id)), {404});
    }

    void replace_file(std::string_view container,
                      std::string_view path,
                      std::string_view content,
                      std::string_view copy_suffix) override {
        const auto inspect = look_up(container);
        if (!inspect) throw Terminal("docker: there is no container " + std::string(container));
        replace_file_on_host(api_, *inspect, path, content, copy_suffix);
    }

    void launch(std::string_view container, const std::vector<std::string>& command) override {
        launch_command(api_, id_of(container), command);
    }

private:
    /// By its whole name or id: the daemon also takes the beginning of an id for one, and then
    /// another container than the one meant might be stopped.
    std::optional<json> look_up(std::string_view name) const {
        auto inspect = api_.find(target_of(std::string(name), "/json"));
        if (!inspect) return std::nullopt;
        const runtime::Container container = read_container(*inspect);
        if (container.name != name && container.id != name) return std::nullopt;
        return inspect;
    }

    std::string id_of(std::string_view name) const {
        const auto container = find_container(name);
        if (!container) throw Terminal("docker: there is no container " + std::string(name));
        return container->id;
    }

    /// True when an earlier call has made it; throws when somebody else has taken the name.
    bool is_made(const runtime::Successor& wanted) const {
        const auto there = find_container(wanted.name);
        if (!there) return false;
        const auto image = find_image(wanted.image);
        const auto old = find_container(wanted.of);
        const auto label = there->labels.find(kSuccessorLabel);
        bool ours = label != there->labels.end() && old && label->second == old->id && image &&
                    image->id == there->image_id;
        for (const auto& [key, value] : wanted.labels) {
            const auto found = there->labels.find(key);
            ours = ours && found != there->labels.end() && found->second == value;
        }
        if (!ours) {
            throw Terminal("docker: a container named " + wanted.name +
                           " is there already, and it is not the one to be made (image " +
                           there->image + "); remove it or choose another name");
        }
        return true;
    }

    bool is_made(const runtime::Helper& wanted) const {
        const auto there = find_container(wanted.name);
        if (!there) return false;
        for (const auto& [key, value] : wanted.labels) {
            const auto found = there->labels.find(key);
            if (found != there->labels.end() && found->second == value) continue;
            throw Terminal("docker: a container named " + wanted.name +
                           " is there already, and it is not the one to be made (image " +
                           there->image + "); remove it");
        }
        return true;
    }

    const EngineApi api_;
};

}  // namespace

std::unique_ptr<runtime::Host> make_docker_host(std::unique_ptr<http::Transport> transport,
                                                Permit permit) {
    return std::make_unique<DockerHost>(std::move(transport), std::move(permit));
}

std::unique_ptr<runtime::Host> make_docker_host(const std::string& endpoint,
                                                std::optional<http::Tls> tls,
                                                Permit permit,
                                                http::OnAnswer on_answer) {
    const auto separator = endpoint.find("://");
    const std::string scheme = endpoint.substr(0, separator);
    const std::string rest = separator == std::string::npos ? "" : endpoint.substr(separator + 3);
    if (scheme == "unix" && rest.starts_with('/')) {
        return make_docker_host(
            http::watched(http::make_unix_transport(rest), std::move(on_answer)),
            std::move(permit));
    }
    if ((scheme == "tcp" || scheme == "http" || scheme == "https") && !rest.empty()) {
        const bool secure = tls.has_value() || scheme == "https";
        auto transport =
            http::make_tcp_transport((secure ? "https://" : "http://") + rest, std::move(tls));
        return make_docker_host(http::watched(std::move(transport), std::move(on_answer)),
                                std::move(permit));
    }
    throw Terminal("\"" + endpoint +
                   "\" is no Docker endpoint; it looks like unix:///var/run/docker.sock or "
                   "tcp://host:2376");
}

}  // namespace oms::docker
