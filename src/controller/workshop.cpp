#include "controller/workshop.hpp"

#include "base/at_once.hpp"
#include "base/base64.hpp"
#include "base/error.hpp"
#include "controller/registry_secret.hpp"
#include "docker/image_archive.hpp"
#include "oms/config.hpp"
#include "oms/names.hpp"
#include "upgrade/dumps.hpp"

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

namespace oms::controller {
namespace {

using namespace std::chrono_literals;

constexpr auto kHttpTimeout = 2000ms;
constexpr std::size_t kHttpBodyMax = 64U << 10U;
constexpr auto kConsoleTimeout = 15'000ms;
constexpr std::size_t kConsoleBodyMax = 8U << 20U;

Secret value_of(const api::SecretData& secret, const std::string& name, const std::string& key) {
    const auto at = secret.values.find(key);
    if (at == secret.values.end()) throw Terminal("the Secret " + name + " has no key " + key);
    return at->second;
}

/// Path and query of a URL.
std::string target_of(const std::string& url) {
    const auto scheme = url.find("://");
    const auto path = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
    return path == std::string::npos ? "/" : url.substr(path);
}

metadb::Address address_of(const MetaEndpoint& found) {
    return {.host = found.host, .port = found.port, .user = found.user, .password = found.password};
}

}  // namespace

Workshop::Workshop(const api::OmsUpgrade& resource,
                   FindSecret find_secret,
                   Doors doors,
                   const std::filesystem::path& backup_root)
    : space_(resource.key.space),
      spec_(resource.status.run ? resource.status.run->spec : resource.spec),
      find_secret_(std::move(find_secret)),
      doors_(std::move(doors)),
      backup_folder_(backup_root / (resource.status.run ? resource.status.run->id : "none")) {}

runtime::Host& Workshop::host(std::size_t node) {
    const std::lock_guard guard(mutex_);
    auto& host = hosts_[node];
    if (host) return *host;
    const api::DockerSpec& docker = spec_.nodes.at(node).docker;
    std::optional<http::Tls> tls;
    if (docker.tls_secret) {
        const api::SecretData keys = secret(*docker.tls_secret);
        const std::string& name = docker.tls_secret->name;
        tls = http::Tls{.ca = value_of(keys, name, "ca.crt").reveal(),
                        .certificate = value_of(keys, name, "tls.crt").reveal(),
                        .key = value_of(keys, name, "tls.key")};
    }
    host = doors_.docker_host(docker.endpoint, tls);
    return *host;
}

metadb::MetaDb& Workshop::rm() {
    open_meta_db();
    return *rm_;
}

metadb::MetaDb& Workshop::cm() {
    open_meta_db();
    return cm_ ? *cm_ : *rm_;
}

void Workshop::open_meta_db() {
    {
        const std::lock_guard guard(mutex_);
        if (rm_) return;
    }
    const std::string& container = spec_.nodes.at(0).container;
    const auto text = host(0).read_file(container, kConfigPath, kConfigBytesMax);
    if (!text) {
        throw Terminal("the container " + container + " at " + spec_.nodes[0].docker.endpoint +
                       " has no " + std::string(kConfigPath) +
                       ", or is not there at all; is it an OMS container?");
    }
    const Config config = parse_config(*text);
    const Config before = parse_config(config_before(*text));
    const auto address = [&](const MetaEndpoint& found, const api::MetaDbEndpoint& wanted) {
        metadb::Address chosen = address_of(found);
        if (wanted.host) chosen.host = *wanted.host;
        if (wanted.port) chosen.port = *wanted.port;
        if (wanted.credentials_secret) {
            const api::SecretData keys = secret(*wanted.credentials_secret);
            const std::string& name = wanted.credentials_secret->name;
            chosen.user = value_of(keys, name, "username").reveal();
            chosen.password = value_of(keys, name, "password");
        }
        return chosen;
    };
    const auto rm = address(config.rm, spec_.meta_db.rm);
    const auto cm = address(before.cm, spec_.meta_db.cm);
    const std::lock_guard guard(mutex_);
    if (rm_) return;
    if (cm != rm) cm_ = doors_.meta_db(cm);
    rm_ = doors_.meta_db(rm);
}

/// The live file may name the separate place already, and cm() is where the databases were: as the
/// original says, which is kept with the backup before the live file is touched.
std::string Workshop::config_before(const std::string& live) {
    if (!spec_.meta_db.separate_cm) return live;
    return backups().read(upgrade::config_file_name(spec_.nodes.size(), 0)).value_or(live);
}

MetaEndpoint Workshop::separate_cm_endpoint() {
    if (!spec_.meta_db.separate_cm)
        throw Terminal("spec.metaDB.separateCM does not say where the cm database is to be");
    const api::SeparateCmSpec& place = *spec_.meta_db.separate_cm;
    const api::SecretData keys = secret(place.credentials_secret);
    const std::string& name = place.credentials_secret.name;
    return {.host = place.host,
            .port = place.port,
            .user = value_of(keys, name, "username").reveal(),
            .password = value_of(keys, name, "password")};
}

metadb::MetaDb& Workshop::separate_cm() {
    const std::lock_guard guard(mutex_);
    if (!separate_cm_) separate_cm_ = doors_.meta_db(address_of(separate_cm_endpoint()));
    return *separate_cm_;
}

metadb::Backups& Workshop::backups() {
    const std::lock_guard guard(mutex_);
    if (!backups_) backups_ = doors_.backups(backup_folder_);
    return *backups_;
}

std::optional<std::uint64_t> Workshop::file_size(const std::string& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error || !std::ifstream(path, std::ios::binary).is_open()) return std::nullopt;
    return size;
}

runtime::ImageArchive Workshop::image_archive(const std::string& path) {
    return docker::read_image_archive(path);
}

std::optional<runtime::RegistryLogin> Workshop::registry_login() {
    if (!spec_.image.pull_secret) return std::nullopt;
    return read_registry_login(
        secret(*spec_.image.pull_secret), spec_.image.pull_secret->name, spec_.image.reference);
}

std::optional<std::string> Workshop::http_get(const std::string& url,
                                              const std::string& certificate) {
    http::Request request;
    request.target = target_of(url);
    request.timeout = kHttpTimeout;
    request.body_max = kHttpBodyMax;
    std::optional<http::Tls> tls;
    // A console shows whatever certificate its site gave it, often of no authority that we know.
    if (url.starts_with("https://"))
        tls = http::Tls{.ca = {}, .certificate = {}, .key = {}, .pinned = certificate};
    try {
        const auto answer = http::make_tcp_transport(
                                url.substr(0, url.find('/', url.find("://") + 3)), std::move(tls))
                                ->send(request);
        if (answer.status != 200) return std::nullopt;
        return answer.body;
    } catch (const Failure&) {
        // Not being answered is an answer here: OMS is not up.
        return std::nullopt;
    }
}

upgrade::ConsoleAnswer Workshop::console_call(const upgrade::ConsoleCall& call) {
    if (!spec_.console_secret)
        throw Terminal("spec.console.credentialsSecretRef names no user of the OMS console");
    const api::SecretData keys = secret(*spec_.console_secret);
    const std::string& name = spec_.console_secret->name;
    const std::string login =
        value_of(keys, name, "username").reveal() + ":" + value_of(keys, name, "password").reveal();
    http::Request request;
    request.method = call.method;
    request.target = target_of(call.url);
    request.headers = {{"Authorization", "Basic " + to_base64(login)},
                       {"Content-Type", "application/json"},
                       {"Accept", "application/json"}};
    request.body = call.body;
    request.timeout = kConsoleTimeout;
    request.body_max = kConsoleBodyMax;
    std::optional<http::Tls> tls;
    // A password goes only to a console that shows the certificate that is mounted into it.
    if (call.url.starts_with("https://"))
        tls = http::Tls{.ca = {}, .certificate = {}, .key = {}, .pinned = call.certificate};
    const std::string server = call.url.substr(0, call.url.size() - request.target.size());
    doors_.permit.demand();
    const auto answer = http::make_tcp_transport(server, std::move(tls))->send(request);
    return {.status = answer.status, .body = answer.body};
}

void Workshop::wait(std::chrono::milliseconds time, std::stop_token stop) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    stopped.wait_for(lock, stop, time, [] { return false; });
}

void Workshop::at_once(const upgrade::Jobs& jobs) {
    oms::at_once(jobs);
}

api::SecretData Workshop::secret(const api::SecretRef& ref) const {
    auto found = find_secret_(ref.name);
    if (!found) {
        throw Terminal("there is no Secret " + ref.name + " in the namespace " + space_ +
                       "; create it (standalone: in the file given with -f)");
    }
    return *std::move(found);
}

}  // namespace oms::controller
