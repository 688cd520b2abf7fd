#include "docker/engine_api.hpp"

#include "base/error.hpp"
#include "base/log.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

namespace oms::docker {
namespace {

using nlohmann::json;

// 1.39 is Docker 18.09; what we use has not changed since. 1.44 is the oldest version that Docker
// 29 still speaks, so this pair reaches from there to every newer daemon that keeps its promise.
using Version = std::pair<int, int>;
constexpr Version kOldest{1, 39};
constexpr Version kNewest{1, 44};

std::string to_text(Version version) {
    return std::to_string(version.first) + "." + std::to_string(version.second);
}

std::optional<Version> parse_version(std::string_view text) {
    Version version{};
    const char* end = text.data() + text.size();
    const auto major = std::from_chars(text.data(), end, version.first);
    if (major.ec != std::errc{} || major.ptr == end || *major.ptr != '.') return std::nullopt;
    const auto minor = std::from_chars(major.ptr + 1, end, version.second);
    if (minor.ec != std::errc{} || minor.ptr != end) return std::nullopt;
    return version;
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return result;
}

bool accepted(int status, std::initializer_list<int> also) {
    return status / 100 == 2 || std::find(also.begin(), also.end(), status) != also.end();
}

std::string tried_by(const http::Request& request) {
    const std::string_view target = request.target;
    return "docker: " + request.method + " " + std::string(target.substr(0, target.find('?')));
}

}  // namespace

std::string message_of(const http::Response& response) {
    const json body = json::parse(response.body, nullptr, false);
    if (body.is_object() && body.contains("message") && body["message"].is_string())
        return body["message"].get<std::string>();
    constexpr std::size_t kMost = 200;
    return response.body.empty() ? "no reason given" : response.body.substr(0, kMost);
}

json parse_answer(const std::string& text, std::string_view from) {
    json answer = json::parse(text, nullptr, false);
    if (answer.is_discarded())
        throw Terminal(std::string(from) + " was answered with something that is not JSON");
    return answer;
}

bool is_permanent(std::string_view message) {
    static constexpr std::array kWords{"no space left on device",
                                       "disk quota exceeded",
                                       "read-only file system",
                                       "permission denied",
                                       "operation not permitted",
                                       "unauthorized",
                                       "authentication required",
                                       "access denied",
                                       "access to the resource is denied",
                                       "denied:",
                                       "not found",
                                       "manifest unknown",
                                       "no matching manifest",
                                       "invalid reference format"};
    const std::string words = lower(message);
    return std::any_of(kWords.begin(), kWords.end(), [&words](const char* word) {
        return words.find(word) != std::string::npos;
    });
}

void fail(int status, const std::string& message, std::string_view tried) {
    const std::string text =
        std::string(tried) + " failed (" + std::to_string(status) + "): " + message;
    if (lower(message).find("no space left on device") != std::string::npos)
        throw Terminal("the disk of the Docker host is full: " + text);
    const bool busy = status == 408 || status == 423 || status == 429 ||
                      message.find("is already in progress") != std::string::npos;
    if (busy || (status >= 500 && !is_permanent(message))) throw Transient(text);
    throw Terminal(text);
}

std::string negotiate(std::string_view newest_of_daemon) {
    const auto theirs = parse_version(newest_of_daemon);
    if (!theirs) {
        throw Terminal("the Docker daemon says it speaks API version \"" +
                       std::string(newest_of_daemon.substr(0, 20)) + "\", which is none");
    }
    if (*theirs < kOldest) {
        throw Terminal("the Docker daemon speaks API version " + std::string(newest_of_daemon) +
                       " at most, and at least " + to_text(kOldest) +
                       " (Docker 18.09) is needed; upgrade Docker on that host");
    }
    return to_text(std::min(*theirs, kNewest));
}

EngineApi::EngineApi(std::unique_ptr<http::Transport> transport, Permit permit)
    : transport_(std::move(transport)), permit_(std::move(permit)) {}

std::string EngineApi::version() const {
    {
        const std::lock_guard lock(mutex_);
        if (!version_.empty()) return version_;
    }
    std::string version = ask_version();
    const std::lock_guard lock(mutex_);
    version_ = version;
    return version;
}

std::string EngineApi::ask_version() const {
    http::Request ping;
    ping.target = "/_ping";
    ping.body_max = 1U << 20U;
    const http::Response response = transport_->send(ping);
    const auto newest = response.header("Api-Version");
    if (newest && response.status == 200) return negotiate(*newest);
    if (response.status >= 500) {
        throw Transient("docker: GET /_ping failed (" + std::to_string(response.status) +
                        "): " + message_of(response));
    }
    throw Terminal(
        "what answers at this endpoint is not a Docker daemon: GET /_ping brought status " +
        std::to_string(response.status) + " without an Api-Version");
}

// A daemon that was upgraded while we run may refuse the version that was right before.
void EngineApi::forget_version_on(const http::Response& response) const {
    if (response.status != 400) return;
    const std::string message = message_of(response);
    if (message.find("client version") == std::string::npos) return;
    const std::lock_guard lock(mutex_);
    version_.clear();
    throw Transient("docker: the daemon has changed its API version: " + message);
}

http::Request EngineApi::request(std::string_view method, std::string target) const {
    http::Request request;
    request.method = method;
    request.target = std::move(target);
    request.timeout = std::chrono::seconds(60);
    return request;
}

http::Request EngineApi::request(std::string_view method,
                                 std::string target,
                                 const json& body) const {
    http::Request with_body = request(method, std::move(target));
    with_body.headers.emplace_back("Content-Type", "application/json");
    with_body.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
    return with_body;
}

/// What was tried, for a message. The permit comes last: the version may have had to be asked for.
std::string EngineApi::prepare(http::Request& request) const {
    std::string tried = tried_by(request);
    request.target = "/v" + version() + request.target;
    if (request.method == "GET" || request.method == "HEAD") return tried;
    if (request.source) {
        // Of what is larger than memory, each piece: it may take an hour.
        request.source = [this, source = std::move(request.source)](char* buffer,
                                                                    std::size_t size) {
            permit_.demand();
            return source(buffer, size);
        };
    }
    permit_.demand();
    return tried;
}

http::Response EngineApi::send(http::Request request, std::initializer_list<int> also) const {
    const std::string tried = prepare(request);
    http::Response response = transport_->send(request);
    log::debug("asked the daemon", {{"what", tried}, {"status", std::to_string(response.status)}});
    forget_version_on(response);
    if (!accepted(response.status, also)) fail(response.status, message_of(response), tried);
    return response;
}

http::Response EngineApi::stream(http::Request request,
                                 const http::OnBytes& on_bytes,
                                 std::initializer_list<int> also) const {
    const std::string tried = prepare(request);
    http::Response response = transport_->stream(request, on_bytes);
    log::debug("asked the daemon", {{"what", tried}, {"status", std::to_string(response.status)}});
    forget_version_on(response);
    if (!accepted(response.status, also)) fail(response.status, message_of(response), tried);
    return response;
}

std::optional<json> EngineApi::find(std::string target) const {
    const std::string tried = "docker: GET " + target;
    const http::Response response = send(request("GET", std::move(target)), {404});
    if (response.status == 404) return std::nullopt;
    return parse_answer(response.body, tried);
}

}  // namespace oms::docker
