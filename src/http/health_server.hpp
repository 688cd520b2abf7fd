#pragma once

#include "http/page_server.hpp"

#include <functional>
#include <optional>
#include <string>

namespace oms::http {

/// Answers a kubelet's probes: GET with 200 or 503, and 404 for what nobody asks about.
class HealthServer {
public:
    /// Is what the path asks about well? Empty: there is no such path. Called from the server's
    /// own thread.
    using Check = std::function<std::optional<bool>(const std::string& path)>;

    /// As PageServer.
    HealthServer(const std::string& address, Check check);

    unsigned short port() const { return server_.port(); }

private:
    PageServer server_;
};

}  // namespace oms::http
