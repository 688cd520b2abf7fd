#include "kube/client.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "kube/refusal.hpp"
#include "kube/skim.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace oms::kube {
namespace {

/// As kube-rs and kubectl: few round trips, and a page is gone again before it weighs much.
constexpr int kPageSize = 500;
/// An object is at most 1.5 MB (etcd's limit); 500 of ours are a few MB.
constexpr std::size_t kPageBytesMax = 128U << 20U;
/// After the server should have ended a watch, so long until we do.
constexpr std::chrono::seconds kSilence{5};

std::string describe(const http::Request& request) {
    return request.method + " " + request.target.substr(0, request.target.find('?'));
}

std::string next_token(std::string_view list, std::string_view& items) {
    std::string token;
    for (Members members(list); const auto member = members.next();) {
        if (member->key == "items" && is_array(member->value)) items = member->value;
        if (member->key != "metadata" || !is_object(member->value)) continue;
        for (Members metadata(member->value); const auto field = metadata.next();)
            if (field->key == "continue") token = as_text(field->value);
    }
    return token;
}

std::string with_query(const std::string& collection) {
    return collection + (collection.find('?') == std::string::npos ? '?' : '&');
}

}  // namespace

Client::Client(std::unique_ptr<http::Transport> transport,
               std::unique_ptr<BearerToken> token,
               std::string prefix,
               std::string user_agent)
    : transport_(std::move(transport)),
      token_(std::move(token)),
      prefix_(std::move(prefix)),
      user_agent_(std::move(user_agent)) {}

std::optional<std::string> Client::find(const std::string& path, const Call& call) {
    auto response = exchange(request("GET", path, call));
    if (response.status == 404) return std::nullopt;
    return std::move(response.body);
}

std::string Client::create(const std::string& collection,
                           const nlohmann::json& object,
                           const Call& call) {
    auto post = request("POST", collection, call);
    post.headers.emplace_back("Content-Type", "application/json");
    post.body = object.dump();
    const std::string tried = describe(post);
    auto response = exchange(std::move(post));
    if (response.status == 404) throw_refusal(tried, read_refusal(response));
    return std::move(response.body);
}

std::optional<std::string> Client::patch(const std::string& path,
                                         Patch kind,
                                         const nlohmann::json& patch,
                                         const Call& call) {
    auto message = request("PATCH", path, call);
    message.headers.emplace_back(
        "Content-Type",
        kind == Patch::Merge ? "application/merge-patch+json" : "application/json-patch+json");
    message.body = patch.dump();
    auto response = exchange(std::move(message));
    if (response.status == 404) return std::nullopt;
    return std::move(response.body);
}

bool Client::remove(const std::string& path, const Precondition& only_if, const Call& call) {
    auto message = request("DELETE", path, call);
    nlohmann::json options{{"apiVersion", "v1"}, {"kind", "DeleteOptions"}};
    if (!only_if.uid.empty()) options["preconditions"]["uid"] = only_if.uid;
    if (!only_if.resource_version.empty())
        options["preconditions"]["resourceVersion"] = only_if.resource_version;
    message.headers.emplace_back("Content-Type", "application/json");
    message.body = options.dump();
    return exchange(std::move(message)).status != 404;
}

std::string Client::list_page(const std::string& collection,
                              const std::string& continue_token,
                              const Call& call) {
    std::string target = with_query(collection) + "limit=" + std::to_string(kPageSize);
    if (!continue_token.empty()) target += "&continue=" + http::encode(continue_token);
    auto message = request("GET", target, call);
    message.body_max = kPageBytesMax;
    const std::string tried = describe(message);
    auto response = exchange(std::move(message));
    if (response.status == 404) throw_refusal(tried, read_refusal(response));
    return std::move(response.body);
}

void Client::list(const std::string& collection,
                  const std::function<void(std::string_view)>& each,
                  const Call& call) {
    std::string token;
    do {
        const std::string page = list_page(collection, token, call);
        std::string_view items = "[]";
        token = next_token(page, items);
        for (Elements elements(items); const auto element = elements.next();) each(*element);
    } while (!token.empty());
}

void Client::watch(const std::string& collection,
                   const std::string& resource_version,
                   std::chrono::seconds length,
                   const http::OnBytes& on_bytes,
                   const std::stop_token& stop) {
    const std::string target =
        with_query(collection) +
        "watch=true&allowWatchBookmarks=true&resourceVersion=" + http::encode(resource_version) +
        "&timeoutSeconds=" + std::to_string(length.count());
    auto message = request("GET", target, {.stop = stop, .timeout = length + kSilence});
    const std::string tried = describe(message);
    const auto response = exchange(std::move(message), &on_bytes);
    if (response.status == 404) throw_refusal(tried, read_refusal(response));
}

http::Request Client::request(const std::string& method,
                              const std::string& target,
                              const Call& call) const {
    http::Request made;
    made.method = method;
    made.target = prefix_ + target;
    made.headers = {{"Accept", "application/json"}, {"User-Agent", user_agent_}};
    made.timeout = call.timeout;
    made.stop = call.stop;
    return made;
}

/// 2xx or 404; throws for everything else.
http::Response Client::exchange(http::Request request, const http::OnBytes* on_bytes) {
    const std::string tried = describe(request);
    const Secret token = token_->current();
    auto response = attempt(request, on_bytes, token);
    if (response.status == 401 && token_->renew(token))
        response = attempt(std::move(request), on_bytes, token_->current());
    if (response.status / 100 == 2 || response.status == 404) return response;
    throw_refusal(tried, read_refusal(response));
}

http::Response Client::attempt(http::Request request,
                               const http::OnBytes* on_bytes,
                               const Secret& token) {
    if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token.reveal());
    auto response =
        on_bytes != nullptr ? transport_->stream(request, *on_bytes) : transport_->send(request);
    log::debug("asked the API server",
               {{"method", request.method},
                {"path", request.target.substr(0, request.target.find('?'))},
                {"status", std::to_string(response.status)}});
    return response;
}

nlohmann::json parse(std::string_view text) {
    auto tree = nlohmann::json::parse(text, nullptr, false);
    if (tree.is_discarded())
        throw Transient("the API server's answer is not JSON: " + std::string(text.substr(0, 200)));
    return tree;
}

}  // namespace oms::kube
