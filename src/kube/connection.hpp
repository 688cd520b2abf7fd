#pragma once

#include "base/secret.hpp"
#include "http/watched_transport.hpp"
#include "kube/client.hpp"
#include "kube/timing.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace oms::kube {

/// Where an API server is and how to speak to it, from a kubeconfig or from inside a cluster.
struct Connection {
    std::string origin;  // "https://10.96.0.1:443"
    std::string prefix;  // path before every path of the API; mostly empty
    http::Tls tls;
    Secret token;
    std::filesystem::path token_file;  // read anew now and then; wins over `token`
    std::string space = "default";     // the namespace when none is said
    std::string source;                // for a person: "context prod of /root/.kube/config"
};

/// An environment variable; empty when it is not set or empty.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();

/// The folder in which a pod finds its service account.
inline constexpr std::string_view kServiceAccountFolder =
    "/var/run/secrets/kubernetes.io/serviceaccount";

struct ConnectionOptions {
    std::optional<std::filesystem::path> kubeconfig{};  // --kubeconfig
    std::optional<std::string> context{};               // --context
    std::filesystem::path service_account = kServiceAccountFolder;
};

/// The first of these that there is: --kubeconfig, $KUBECONFIG (several files are merged, the first
/// to say something wins), the service account of the pod we run in, ~/.kube/config. Throws
/// Terminal that says what is missing, or what is not supported and what to use instead.
Connection find_connection(const ConnectionOptions&, const Environment& = process_environment());

/// A client that is ready to use; nothing has been sent yet.
std::unique_ptr<Client> connect(const Connection&,
                                const std::string& user_agent,
                                const Timing& = real_timing(),
                                http::OnAnswer on_answer = {});

}  // namespace oms::kube
