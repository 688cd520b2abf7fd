#pragma once

#include "http/transport.hpp"
#include "kube/bearer_token.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace oms::kube {

/// How one call is made.
struct Call {
    std::stop_token stop{};
    std::chrono::milliseconds timeout{30'000};
};

enum class Patch { Merge, Json };

/// What must be true of an object for it to be deleted; empty: anything.
struct Precondition {
    std::string uid{};
    std::string resource_version{};
};

/// One Kubernetes API server. Paths are those of its API, percent-encoded where they have to be
/// ("/api/v1/namespaces/a/secrets/b"). Objects come back as JSON text, as most callers need a few
/// fields of them (skim.hpp); parse() makes the tree for the others. Safe to use from several
/// threads. There is no rate limit on this side: the server has its own, and says so with a 429.
///
/// Throws what errors.hpp names; else Transient (no answer, 5xx), Terminal (400, 401 after the
/// token was read again, 403, 422, ...: with the server's own message) or Stopped.
class Client {
public:
    /// `prefix` stands before every path: a server behind "https://host/k8s/clusters/c-1".
    Client(std::unique_ptr<http::Transport> transport,
           std::unique_ptr<BearerToken> token,
           std::string prefix = "",
           std::string user_agent = "oms-operator");

    /// Empty when there is no such object.
    std::optional<std::string> find(const std::string& path, const Call& = {});

    /// The object as it was stored. Throws AlreadyExists.
    std::string create(const std::string& collection,
                       const nlohmann::json& object,
                       const Call& = {});

    /// The object as it is now; empty when there is none. Throws Conflict when the patch holds a
    /// metadata.resourceVersion and the object has another.
    std::optional<std::string> patch(const std::string& path,
                                     Patch kind,
                                     const nlohmann::json& patch,
                                     const Call& = {});

    /// False when there was no such object. Throws Conflict when it is not as the condition says.
    bool remove(const std::string& path, const Precondition& only_if = {}, const Call& = {});

    /// Of these two, `collection` may have a query of its own: "...?labelSelector=team%3Dbank".
    ///
    /// The text of a list with at most 500 items, from the beginning when `continue_token` is
    /// empty. Throws Gone when the token has expired.
    std::string list_page(const std::string& collection,
                          const std::string& continue_token = "",
                          const Call& = {});

    /// All objects of a collection, page by page. What `each` gets lives until it returns.
    void list(const std::string& collection,
              const std::function<void(std::string_view object)>& each,
              const Call& = {});

    /// The events after `resource_version`, as bytes of newline-separated JSON, until the server
    /// ends the watch (after about `length`), `on_bytes` has had enough, or an exception.
    void watch(const std::string& collection,
               const std::string& resource_version,
               std::chrono::seconds length,
               const http::OnBytes& on_bytes,
               const std::stop_token& stop);

private:
    http::Request request(const std::string& method,
                          const std::string& target,
                          const Call& call) const;
    http::Response exchange(http::Request, const http::OnBytes* on_bytes = nullptr);
    http::Response attempt(http::Request, const http::OnBytes* on_bytes, const Secret& token);

    std::unique_ptr<http::Transport> transport_;
    std::unique_ptr<BearerToken> token_;
    const std::string prefix_;
    const std::string user_agent_;
};

/// The tree of an answer. Throws Transient when it is not JSON.
nlohmann::json parse(std::string_view text);

}  // namespace oms::kube
