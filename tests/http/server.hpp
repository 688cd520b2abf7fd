#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

struct ssl_st;
struct ssl_ctx_st;

namespace oms::fakes {

/// The server's side of one connection.
class Peer {
public:
    Peer(int fd, ssl_st* ssl) : fd_(fd), ssl_(ssl) {}

    /// A whole request, head and body; empty when the client has closed.
    std::optional<std::string> read_request();
    /// A request's head only; its body stays unread.
    std::optional<std::string> read_head();
    /// Whatever comes next, at most `size` bytes; empty when the client has closed.
    std::string read_some(std::size_t size);
    /// False when the client has closed.
    bool write(std::string_view bytes);
    /// Writes what there is room for; 0 when there is none for `patience`. Not over TLS.
    std::size_t write_now(std::string_view bytes, std::chrono::milliseconds patience);
    /// Returns when the client has closed the connection.
    void wait_for_close();

private:
    int fd_;
    ssl_st* ssl_;
    std::string buffer_;
};

/// PEM files of a server that speaks TLS and asks for client certificates of `client_ca`.
struct ServerTls {
    std::string certificate_file;
    std::string key_file;
    std::string client_ca_file;  // empty: asks for none
};

/// A real server that does to each connection what the test says, in a thread of its own.
class Server {
public:
    using Serve = std::function<void(Peer&)>;

    static std::unique_ptr<Server> on_unix(Serve);
    static std::unique_ptr<Server> on_tcp(Serve, std::optional<ServerTls> tls = {});
    ~Server();

    const std::string& path() const { return path_; }
    int port() const { return port_; }
    std::string url() const;
    int connections() const { return connections_; }

private:
    Server() = default;
    void listen(int fd, Serve serve);
    void accept_all();
    void serve(int fd);

    Serve serve_;

    std::string path_;
    int port_ = 0;
    int listener_ = -1;
    ssl_ctx_st* context_ = nullptr;
    std::atomic<bool> closing_ = false;
    std::atomic<int> connections_ = 0;
    std::mutex mutex_;
    std::vector<int> open_;
    std::list<std::thread> threads_;
    std::thread acceptor_;
};

/// A folder that goes away with the test.
class Folder {
public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace oms::fakes
