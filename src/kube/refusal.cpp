#include "kube/refusal.hpp"

#include "base/error.hpp"
#include "base/utf8.hpp"
#include "kube/errors.hpp"
#include "kube/skim.hpp"

#include <algorithm>
#include <charconv>

namespace oms::kube {
namespace {

constexpr std::size_t kMessageBytesMax = 2048;
constexpr std::chrono::seconds kRetryAfterMax{300};
constexpr std::chrono::seconds kRetryAfterUnsaid{1};

/// It ends up in events and statuses, which are JSON: no half character at its end.
std::string beginning(std::string_view text) {
    return as_prose(text, kMessageBytesMax);
}

std::chrono::milliseconds bounded(std::int64_t seconds) {
    return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kRetryAfterMax.count()));
}

void read_details(Refusal& refusal, std::string_view details) {
    if (!is_object(details)) return;
    for (Members members(details); const auto member = members.next();) {
        if (member->key == "retryAfterSeconds" && as_number(member->value) > 0)
            refusal.retry_after = bounded(as_number(member->value));
    }
}

/// Seconds only: API servers never send the other form of Retry-After, a date.
std::optional<std::chrono::milliseconds> retry_after(const http::Response& response) {
    const auto text = response.header("Retry-After");
    if (!text) return std::nullopt;
    std::int64_t seconds = 0;
    const auto read = std::from_chars(text->data(), text->data() + text->size(), seconds);
    if (read.ec != std::errc{}) return std::nullopt;
    return bounded(seconds);
}

std::string_view remedy(int code, const std::string& tried) {
    switch (code) {
        case 401:
            return "; the credentials were not accepted: check the token or client certificate of "
                   "the kubeconfig or service account";
        case 403:
            return "; give the operator's account this right (see manifests/, RBAC)";
        case 404:
            if (!tried.ends_with("/omsupgrades")) return "";
            return "; install the CustomResourceDefinition (crds/omsupgrades.yaml)";
        default:
            return "";
    }
}

}  // namespace

Refusal read_refusal(std::string_view status_object) {
    Refusal refusal;
    try {
        for (Members members(status_object); const auto member = members.next();) {
            const auto& [key, value] = *member;
            if (key == "code") {
                refusal.code = static_cast<int>(as_number(value));
            } else if (key == "reason") {
                refusal.reason = as_text(value);
            } else if (key == "message") {
                refusal.message = beginning(as_text(value));
            } else if (key == "details") {
                read_details(refusal, value);
            }
        }
    } catch (const Transient&) {
        // Not a Status. What was understood of it so far is all there is to say.
        if (refusal.message.empty()) refusal.message = beginning(status_object);
    }
    return refusal;
}

Refusal read_refusal(const http::Response& response) {
    Refusal refusal = read_refusal(response.body);
    refusal.code = response.status;
    if (const auto header = retry_after(response)) refusal.retry_after = header;
    return refusal;
}

void throw_refusal(const std::string& tried, const Refusal& refusal) {
    const int code = refusal.code;
    std::string what = tried + ": " + std::to_string(code);
    if (!refusal.reason.empty()) what += " " + refusal.reason;
    if (!refusal.message.empty()) what += ": " + refusal.message;
    what += remedy(code, tried);

    if (code == 409 && refusal.reason == "AlreadyExists") throw AlreadyExists(what);
    if (code == 409) throw Conflict(what);
    if (code == 410 || refusal.reason == "Expired") throw Gone(what);
    if (code == 429) throw Throttled(what, refusal.retry_after.value_or(kRetryAfterUnsaid));
    if (code == 503 && refusal.retry_after) throw Throttled(what, *refusal.retry_after);
    if (code >= 500 || code == 408) throw Transient(what);
    throw Terminal(what);
}

}  // namespace oms::kube
