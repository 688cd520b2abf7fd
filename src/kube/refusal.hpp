#pragma once

#include "http/transport.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace oms::kube {

/// metav1.Status: how the API server says no, as a whole answer or as an ERROR event of a watch.
struct Refusal {
    int code = 0;
    std::string reason;   // "AlreadyExists"
    std::string message;  // the server's own, at most 2 KiB of it
    std::optional<std::chrono::milliseconds> retry_after;
};

/// Reads a Status object; what it does not say is left as it is above. Never throws.
Refusal read_refusal(std::string_view status_object);

/// Reads an answer that is not 2xx. A body that is not a Status (a proxy's page) is the message.
Refusal read_refusal(const http::Response&);

/// Throws what the refusal is to a caller: Conflict, AlreadyExists, Gone, Throttled, Transient
/// (5xx, 408) or Terminal (all else). `tried` begins the message: "PATCH /apis/...".
[[noreturn]] void throw_refusal(const std::string& tried, const Refusal&);

}  // namespace oms::kube
