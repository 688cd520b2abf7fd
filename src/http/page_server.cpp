#include "http/page_server.hpp"

#include "base/error.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <charconv>
#include <chrono>
#include <string_view>
#include <thread>
#include <utility>

namespace oms::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace protocol = boost::beast::http;
using Tcp = asio::ip::tcp;

constexpr std::chrono::seconds kTimeout{5};
constexpr std::uint32_t kHeaderMax = 8U << 10U;

[[noreturn]] void refuse(const std::string& address, const std::string& why) {
    throw Terminal("cannot listen on '" + address + "': " + why +
                   "; an address must be free, and read like :8081 or 127.0.0.1:8081");
}

Tcp::endpoint read_address(const std::string& address) {
    const auto colon = address.rfind(':');
    if (colon == std::string::npos) refuse(address, "it names no port");
    std::uint16_t port = 0;
    const char* end = address.data() + address.size();
    const auto read = std::from_chars(address.data() + colon + 1, end, port);
    if (read.ec != std::errc{} || read.ptr != end) refuse(address, "its port is no number");
    std::string host = address.substr(0, colon);
    if (host.empty()) return {Tcp::v4(), port};
    if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    boost::system::error_code error;
    const auto ip = asio::ip::make_address(host, error);
    if (error) refuse(address, host + " is no IP address");
    return {ip, port};
}

/// One connection: a request, an answer, the end.
class Visit : public std::enable_shared_from_this<Visit> {
public:
    Visit(Tcp::socket socket, const PageServer::Ask& ask) : stream_(std::move(socket)), ask_(ask) {
        request_.header_limit(kHeaderMax);
        request_.body_limit(0);
    }

    void begin() {
        stream_.expires_after(kTimeout);
        protocol::async_read(
            stream_, buffer_, request_, [self = shared_from_this()](auto error, std::size_t) {
                if (!error) self->answer();
            });
    }

private:
    void answer() {
        const auto target = request_.get().target();
        const std::string path(target.substr(0, target.find('?')));
        Page page = ask_(path);
        response_.version(request_.get().version());
        response_.result(static_cast<unsigned>(page.status));
        response_.set(protocol::field::content_type, page.type);
        response_.keep_alive(false);
        response_.body() = std::move(page.body);
        response_.prepare_payload();
        protocol::async_write(stream_, response_, [self = shared_from_this()](auto, std::size_t) {
            boost::system::error_code ignored;
            self->stream_.socket().shutdown(Tcp::socket::shutdown_both, ignored);
        });
    }

    beast::tcp_stream stream_;
    const PageServer::Ask& ask_;
    beast::flat_buffer buffer_{kHeaderMax};
    protocol::request_parser<protocol::empty_body> request_;
    protocol::response<protocol::string_body> response_;
};

}  // namespace

struct PageServer::Server {
    Server(const std::string& address, Ask to_ask) : ask(std::move(to_ask)) {
        const auto endpoint = read_address(address);
        try {
            acceptor.open(endpoint.protocol());
            acceptor.set_option(asio::socket_base::reuse_address(true));
            acceptor.bind(endpoint);
            acceptor.listen();
        } catch (const boost::system::system_error& error) {
            refuse(address, error.code().message());
        }
        accept();
        thread = std::thread([this] { io.run(); });
    }
    ~Server() {
        io.stop();
        thread.join();
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void accept() {
        acceptor.async_accept([this](auto error, Tcp::socket socket) {
            if (!error) std::make_shared<Visit>(std::move(socket), ask)->begin();
            accept();
        });
    }

    Ask ask;
    asio::io_context io{1};
    Tcp::acceptor acceptor{io};
    std::thread thread;
};

PageServer::PageServer(const std::string& address, Ask ask)
    : server_(std::make_unique<Server>(address, std::move(ask))) {}

PageServer::~PageServer() = default;

unsigned short PageServer::port() const {
    return server_->acceptor.local_endpoint().port();
}

}  // namespace oms::http
