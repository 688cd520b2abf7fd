#pragma once

#include "base/secret.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oms::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// Fills the buffer with the next bytes of a request body and says how many; 0 ends it.
using BodySource = std::function<std::size_t(char* buffer, std::size_t size)>;

struct Request {
    std::string method = "GET";
    std::string target;  // path and query, already percent-encoded: "/v1.41/containers/json?all=1"
    Headers headers;
    std::string body;
    BodySource source;              // instead of body: for what is larger than memory; sent chunked
    std::uint64_t source_size = 0;  // its size when known: sent with Content-Length then
    std::chrono::milliseconds timeout{30'000};  // longest silence of the other side
    std::size_t body_max = 16U << 20U;  // a larger answer is refused (send) or, streamed, ignored
    std::stop_token stop;               // asked to stop: throws Stopped within 2 s
};

struct Response {
    int status = 0;
    Headers headers;
    std::string body;

    /// The first header of that name, in any case.
    std::optional<std::string> header(std::string_view name) const;
};

/// Gets the bytes of a streamed answer as they come. False: enough, close the connection.
using OnBytes = std::function<bool(std::string_view)>;

/// One server, spoken to over HTTP/1.1. Safe to use from several threads at once;
/// connections are kept open between requests where the server allows it.
///
/// Every answer of the server, whatever its status, is a Response. Throws Transient when there is
/// no whole answer (refused, reset, timed out), Terminal when no retry can help (a certificate
/// that is not trusted, a socket without rights, an answer over its limit), Stopped.
class Transport {
public:
    virtual ~Transport() = default;

    virtual Response send(const Request&) = 0;

    /// Like send, but a 2xx answer's body is handed to `on_bytes` as it arrives and is not kept.
    /// Ends when the body ends, when `on_bytes` says so, or by an exception.
    virtual Response stream(const Request&, const OnBytes& on_bytes) = 0;
};

/// A unix socket, e.g. /var/run/docker.sock.
std::unique_ptr<Transport> make_unix_transport(std::string socket_path);

/// PEM texts. Empty `ca`: the system's certificates are trusted. With `pinned`, the server must
/// show that very certificate, and nothing else is asked of it: neither an issuer, nor a name, nor
/// a date.
struct Tls {
    std::string ca;
    std::string certificate;
    Secret key;
    bool insecure_skip_verify = false;
    std::string pinned = {};
};

/// A server by URL: "http://10.0.0.1:2375", "https://10.0.0.1:6443".
std::unique_ptr<Transport> make_tcp_transport(const std::string& base_url,
                                              std::optional<Tls> tls = {});

/// Percent-encodes everything that is not unreserved in RFC 3986.
std::string encode(std::string_view text);

}  // namespace oms::http
