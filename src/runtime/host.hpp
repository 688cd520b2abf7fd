#pragma once

#include "base/clock.hpp"
#include "base/progress.hpp"
#include "base/secret.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace oms::runtime {

struct Mount {
    std::string source;  // on the host
    std::string target;  // in the container
    bool read_only = false;

    bool operator==(const Mount&) const = default;
};

struct RestartPolicy {
    std::string name = "no";  // the daemon's words: no, always, unless-stopped, on-failure
    int retries_max = 0;      // for on-failure

    bool operator==(const RestartPolicy&) const = default;
};

struct Container {
    std::string id;
    std::string name;
    std::string image;     // as it was asked for: a reference or an id
    std::string image_id;  // "sha256:..."
    std::string state;     // the daemon's word, for a person: created, running, exited, ...
    bool running = false;  // some process of it may be alive (running, paused or restarting)
    int exit_code = 0;
    std::optional<Time> started_at;
    std::optional<Time> finished_at;
    std::vector<Mount> mounts;
    std::map<std::string, std::string> environment;
    std::map<std::string, std::string> labels;
    RestartPolicy restart;
    bool host_network = false;
    bool privileged = false;

    bool operator==(const Container&) const = default;
};

struct Image {
    std::string id;  // "sha256:..."
    std::vector<std::string> tags;
    std::string architecture;  // as the image says: amd64, arm64
    std::map<std::string, std::string> labels;

    bool operator==(const Image&) const = default;
};

struct HostInfo {
    std::string name;
    std::string engine;        // "Docker 20.10.24, API 1.41"
    std::string architecture;  // in the words of images: amd64, arm64
};

/// More containers than this on one host are not looked through.
inline constexpr std::size_t kContainersMax = 1000;

/// What a command in a container said.
struct Output {
    int exit_code = 0;
    std::string out;
    std::string err;
};

struct RegistryLogin {
    std::string user;
    Secret password;
};

/// The OMS container to be: the procedure's `docker run`, said as the differences to a container
/// that is there already. What is not said here (mounts, host name, environment, logging, extra
/// hosts, labels) is carried over from it; what the procedure demands (host network, privileged,
/// pids -1, nproc 65535) is always set.
struct Successor {
    std::string name;   // "oms_431"
    std::string of;     // the container to carry settings over from; it stays
    std::string image;  // reference or id
    std::map<std::string, std::string> environment;  // set on top: OMS_HOST_IP, IS_UPGRADE
    std::map<std::string, std::string> labels;       // set on top
    RestartPolicy restart;
    std::vector<Mount> mounts;  // set on top, instead of what is carried over to the same target
};

/// A container that does one thing beside OMS and ends: `docker run -v source:target`, without any
/// setting of an OMS container.
struct Helper {
    std::string name;
    std::string image;  // reference or id
    Mount bind;
    std::map<std::string, std::string> labels;
};

/// One place that runs an OMS container, seen as a few looks and touches.
///
/// Looking is const, touching is not: whoever holds a `const Host&` cannot change the host. Every
/// touch may be repeated: when what it asks for is already so, it changes nothing and succeeds.
/// A touch that threw, or whose answer was lost, may still have happened: look again.
/// Throws Transient, Terminal and Stopped like http::Transport.
class Host {
public:
    virtual ~Host() = default;

    virtual HostInfo info() const = 0;
    virtual std::optional<Container> find_container(std::string_view name) const = 0;

    /// Every container there is, running or not. Terminal when there are more than
    /// `kContainersMax`.
    virtual std::vector<Container> containers() const = 0;

    virtual std::optional<Image> find_image(std::string_view reference_or_id) const = 0;

    /// Is there a file of that path in the image? Empty when there is no such image. (A container
    /// is made for it, never started, and removed.)
    virtual std::optional<bool> image_holds(std::string_view reference_or_id,
                                            std::string_view path) const = 0;

    /// A file as the container sees it, bind mounts included, whether it runs or not. Empty when
    /// container or file is missing; Terminal when it is larger than `bytes_max`.
    virtual std::optional<std::string> read_file(std::string_view container,
                                                 std::string_view path,
                                                 std::size_t bytes_max = 1U << 20U) const = 0;

    /// A file of the host itself; a symbolic link is not followed. Empty when it is missing;
    /// Terminal when it is larger than `bytes_max`. (A container of the image is made for it, never
    /// started, and removed.)
    virtual std::optional<std::string> read_host_file(std::string_view image,
                                                      std::string_view path,
                                                      std::size_t bytes_max) const = 0;

    /// Runs a command that only looks, in a running container, and waits for it: at most
    /// `timeout`, output cut at 1 MiB. Empty when the container does not run.
    virtual std::optional<Output> ask(std::string_view container,
                                      const std::vector<std::string>& command,
                                      std::chrono::milliseconds timeout) const = 0;

    /// Does any container of this host, running or not, use the image?
    virtual bool image_is_used(std::string_view reference_or_id) const = 0;

    virtual void load_image(const std::filesystem::path& archive,
                            const ReportProgress&,
                            std::stop_token) = 0;
    virtual void pull_image(std::string_view reference,
                            const std::optional<RegistryLogin>&,
                            const ReportProgress&,
                            std::stop_token) = 0;

    virtual void set_restart_policy(std::string_view container, const RestartPolicy&) = 0;

    /// Asks the container to end, kills it after `grace`, and returns when it has ended.
    virtual void stop(std::string_view container, std::chrono::seconds grace, std::stop_token) = 0;
    virtual void start(std::string_view container) = 0;

    /// Makes the container, not yet started. Terminal when the name is taken by another one.
    virtual void create(const Successor&) = 0;

    /// Makes the helper, not yet started; a folder on the host that is missing is made, as by
    /// `docker run -v`. Terminal when the name is taken by another container than that helper.
    virtual void create(const Helper&) = 0;

    /// Gives a container another name. Terminal when that is taken.
    virtual void rename(std::string_view container, std::string_view name) = 0;

    /// Removes an image's name, and the image with its last one. Terminal while a container uses
    /// it.
    virtual void remove_image(std::string_view reference) = 0;

    /// Removes a container that does not run.
    virtual void remove(std::string_view container) = 0;

    /// Replaces a file that a container sees through a bind mount, running or not, in one step
    /// (written beside it, then renamed), with owner and mode of the old one. With `copy_suffix`
    /// the old content is kept beside it under that suffix, unless such a copy is already there.
    virtual void replace_file(std::string_view container,
                              std::string_view path,
                              std::string_view content,
                              std::string_view copy_suffix) = 0;

    /// Starts a command in a running container and does not wait for it.
    virtual void launch(std::string_view container, const std::vector<std::string>& command) = 0;
};

}  // namespace oms::runtime
