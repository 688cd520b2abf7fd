#pragma once

#include <functional>
#include <memory>
#include <string>

namespace oms::http {

struct Page {
    int status = 200;
    std::string type = "text/plain";
    std::string body;
};

/// Answers GET, one page for each path. It reads a request's first line and header, at most 8 KiB
/// within five seconds, and keeps no connection.
class PageServer {
public:
    /// Called from the server's own thread; must not throw.
    using Ask = std::function<Page(const std::string& path)>;

    /// `address`: "127.0.0.1:8081", "[::1]:8081", or ":8081" for every interface. Throws Terminal
    /// when it is not one, or is taken.
    PageServer(const std::string& address, Ask ask);
    ~PageServer();
    PageServer(const PageServer&) = delete;
    PageServer& operator=(const PageServer&) = delete;

    /// The port it listens on: of use when 0 was asked for.
    unsigned short port() const;

private:
    struct Server;

    std::unique_ptr<Server> server_;
};

}  // namespace oms::http
