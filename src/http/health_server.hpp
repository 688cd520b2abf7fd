#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace oms::http {

/// Answers a kubelet's probes: GET with 200 or 503, and 404 for what nobody asks about. It reads a
/// request's first line and header, at most 8 KiB within five seconds, and keeps no connection.
class HealthServer {
public:
    /// Is what the path asks about well? Empty: there is no such path. Called from the server's
    /// own thread.
    using Check = std::function<std::optional<bool>(const std::string& path)>;

    /// `address`: "127.0.0.1:8081", "[::1]:8081", or ":8081" for every interface. Throws Terminal
    /// when it is not one, or is taken.
    HealthServer(const std::string& address, Check check);
    ~HealthServer();
    HealthServer(const HealthServer&) = delete;
    HealthServer& operator=(const HealthServer&) = delete;

    /// The port it listens on: of use when 0 was asked for.
    unsigned short port() const;

private:
    struct Server;

    std::unique_ptr<Server> server_;
};

}  // namespace oms::http
