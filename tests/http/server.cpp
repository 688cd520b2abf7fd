#include "http/server.hpp"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <poll.h>
#include <stdexcept>
#include <unistd.h>
#include <utility>

namespace oms::fakes {
namespace {

void require(bool holds, const char* what) {
    if (!holds) throw std::runtime_error(std::string("the test's server: ") + what);
}

std::size_t content_length(const std::string& head) {
    const auto at = head.find("Content-Length:");
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + 15));
}

}  // namespace

std::string Peer::read_some(std::size_t size) {
    if (!buffer_.empty()) return std::exchange(buffer_, {});
    std::string bytes(size, '\0');
    const auto got = ssl_ != nullptr ? SSL_read(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                     : ::recv(fd_, bytes.data(), bytes.size(), 0);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
}

std::optional<std::string> Peer::read_head() {
    std::string seen;
    for (;;) {
        const auto end = seen.find("\r\n\r\n");
        if (end != std::string::npos) {
            buffer_ = seen.substr(end + 4);
            return seen.substr(0, end + 4);
        }
        const std::string more = read_some(4096);
        if (more.empty()) return std::nullopt;
        seen += more;
    }
}

std::optional<std::string> Peer::read_request() {
    auto head = read_head();
    if (!head) return std::nullopt;
    const bool chunked = head->find("chunked") != std::string::npos;
    const std::size_t size = content_length(*head);
    std::string body;
    while (chunked ? !body.ends_with("0\r\n\r\n") : body.size() < size) {
        const std::string more = read_some(1U << 16U);
        if (more.empty()) return std::nullopt;
        body += more;
    }
    return *head + body;
}

bool Peer::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto size = ssl_ != nullptr
                              ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                              : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (size <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
}

std::size_t Peer::write_now(std::string_view bytes, std::chrono::milliseconds patience) {
    pollfd room{.fd = fd_, .events = POLLOUT, .revents = 0};
    if (::poll(&room, 1, static_cast<int>(patience.count())) != 1) return 0;
    const auto size = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return size > 0 ? static_cast<std::size_t>(size) : 0;
}

void Peer::wait_for_close() {
    while (!read_some(1U << 16U).empty()) {}
}

std::unique_ptr<Server> Server::on_unix(Serve serve) {
    std::unique_ptr<Server> server(new Server);
    static std::atomic<int> count = 0;
    server->path_ = std::filesystem::temp_directory_path() /
                    ("oms-http-test." + std::to_string(::getpid()) + "." + std::to_string(++count));
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, server->path_.data(), server->path_.size());
    require(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "bind");
    server->listen(fd, std::move(serve));
    return server;
}

std::unique_ptr<Server> Server::on_tcp(Serve serve, std::optional<ServerTls> tls) {
    std::unique_ptr<Server> server(new Server);
    if (tls) {
        // OpenSSL writes with write(), which raises SIGPIPE when a client has hung up.
        std::signal(SIGPIPE, SIG_IGN);
        server->context_ = SSL_CTX_new(TLS_server_method());
        require(SSL_CTX_use_certificate_chain_file(server->context_,
                                                   tls->certificate_file.c_str()) == 1,
                "certificate");
        require(SSL_CTX_use_PrivateKey_file(
                    server->context_, tls->key_file.c_str(), SSL_FILETYPE_PEM) == 1,
                "key");
        if (!tls->client_ca_file.empty()) {
            require(SSL_CTX_load_verify_locations(
                        server->context_, tls->client_ca_file.c_str(), nullptr) == 1,
                    "client CA");
            SSL_CTX_set_verify(
                server->context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
        }
    }
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    require(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "bind");
    socklen_t size = sizeof address;
    require(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
    server->port_ = ntohs(address.sin_port);
    server->listen(fd, std::move(serve));
    return server;
}

std::string Server::url() const {
    return (context_ != nullptr ? "https://127.0.0.1:" : "http://127.0.0.1:") +
           std::to_string(port_);
}

void Server::listen(int fd, Serve serve) {
    listener_ = fd;
    require(::listen(fd, 128) == 0, "listen");
    serve_ = std::move(serve);
    acceptor_ = std::thread([this] { accept_all(); });
}

void Server::accept_all() {
    for (;;) {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) return;
        ++connections_;
        const std::lock_guard lock(mutex_);
        if (closing_) {
            ::close(fd);
            return;
        }
        open_.push_back(fd);
        threads_.emplace_back([this, fd] { serve(fd); });
    }
}

void Server::serve(int fd) {
    SSL* ssl = nullptr;
    if (context_ != nullptr) {
        ssl = SSL_new(context_);
        SSL_set_fd(ssl, fd);
    }
    if (ssl == nullptr || SSL_accept(ssl) == 1) {
        Peer peer(fd, ssl);
        serve_(peer);
        if (ssl != nullptr) SSL_shutdown(ssl);
    }
    SSL_free(ssl);
    const std::lock_guard lock(mutex_);
    open_.erase(std::find(open_.begin(), open_.end(), fd));
    ::close(fd);
}

Server::~Server() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
        ::shutdown(listener_, SHUT_RDWR);
        for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    acceptor_.join();
    for (auto& thread : threads_) thread.join();
    ::close(listener_);
    if (!path_.empty()) ::unlink(path_.c_str());
    SSL_CTX_free(context_);
}

Folder::Folder() {
    std::string name = std::filesystem::temp_directory_path() / "oms-http-test.XXXXXX";
    require(::mkdtemp(name.data()) != nullptr, "mkdtemp");
    path_ = name;
}

Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace oms::fakes
