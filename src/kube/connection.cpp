#include "kube/connection.hpp"

#include "base/error.hpp"
#include "base/files.hpp"
#include "kube/kubeconfig.hpp"

#include <cstdlib>
#include <utility>
#include <vector>

namespace oms::kube {
namespace {

constexpr std::uint64_t kSmallFileBytesMax = 1U << 20U;

std::vector<std::filesystem::path> split_list(const std::string& list) {
    std::vector<std::filesystem::path> files;
    for (std::size_t from = 0; from <= list.size();) {
        const std::size_t colon = std::min(list.find(':', from), list.size());
        if (colon > from) files.emplace_back(list.substr(from, colon - from));
        from = colon + 1;
    }
    return files;
}

/// An IPv6 address stands in brackets in a URL.
std::string bracketed(const std::string& host) {
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

Connection in_cluster(const std::filesystem::path& folder,
                      const std::string& host,
                      const std::string& port) {
    Connection connection;
    connection.origin = "https://" + bracketed(host) + ":" + port;
    connection.token_file = folder / "token";
    connection.source = "the service account in " + folder.string();
    const auto ca = read_whole(folder / "ca.crt", kSmallFileBytesMax);
    if (!ca) {
        throw Terminal("there is no " + (folder / "ca.crt").string() +
                       ", which a pod needs to trust its API server: mount the service account's "
                       "token (automountServiceAccountToken)");
    }
    connection.tls.ca = *ca;
    if (const auto space = read_whole(folder / "namespace", kSmallFileBytesMax);
        space && !space->empty())
        connection.space = *space;
    return connection;
}

}  // namespace

Environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        if (value == nullptr || *value == '\0') return std::nullopt;
        return value;
    };
}

Connection find_connection(const ConnectionOptions& options, const Environment& environment) {
    if (options.kubeconfig) return read_kubeconfig({*options.kubeconfig}, options.context);
    if (const auto list = environment("KUBECONFIG"))
        return read_kubeconfig(split_list(*list), options.context);

    const auto host = environment("KUBERNETES_SERVICE_HOST");
    const auto port = environment("KUBERNETES_SERVICE_PORT");
    if (host && port && std::filesystem::exists(options.service_account / "token"))
        return in_cluster(options.service_account, *host, *port);

    const auto home = environment("HOME");
    const auto file = std::filesystem::path(home.value_or("/root")) / ".kube" / "config";
    if (!std::filesystem::exists(file)) {
        throw Terminal(
            "no Kubernetes API server is known: --kubeconfig and KUBECONFIG are not "
            "given, this is not a pod with a service account, and there is no " +
            file.string());
    }
    return read_kubeconfig({file}, options.context);
}

std::unique_ptr<Client> connect(const Connection& connection,
                                const std::string& user_agent,
                                const Timing& timing,
                                http::OnAnswer on_answer) {
    auto token = connection.token_file.empty()
                     ? std::make_unique<BearerToken>(connection.token)
                     : std::make_unique<BearerToken>(connection.token_file, timing.now);
    return std::make_unique<Client>(
        http::watched(http::make_tcp_transport(connection.origin, connection.tls),
                      std::move(on_answer)),
        std::move(token),
        connection.prefix,
        user_agent);
}

}  // namespace oms::kube
