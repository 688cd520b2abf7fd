#include "base/error.hpp"
#include "http/answer_parser.hpp"
#include "http/request_head.hpp"
#include "http/transport.hpp"
#include "http/unix_socket.hpp"
#include "http/upload.hpp"

#include <array>
#include <mutex>
#include <utility>

namespace oms::http {
namespace {

constexpr std::size_t kIdleMax = 4;

/// One request and its answer on one connection. Both directions are served at once, so that a
/// server that refuses a long upload half way is heard, not just felt as a broken pipe.
class Exchange {
public:
    Exchange(const UnixSocket& socket, const Request& request, const OnBytes* on_bytes)
        : socket_(socket), request_(request), upload_(request), parser_(request, on_bytes) {}

    Response run() {
        const StopSignal stop(request_.stop);
        while (!parser_.done()) {
            if (parser_.refused()) upload_.abandon();
            const auto pending = upload_.pending();
            const auto ready = socket_.wait(!pending.empty(), request_.timeout, stop);
            if (!ready) {
                throw Transient("no sign of life for " + std::to_string(request_.timeout.count()) +
                                " ms");
            }
            if (ready->readable) read();
            if (ready->writable) write(pending);
        }
        return parser_.take();
    }

    bool heard_any() const { return parser_.heard_any(); }
    bool hung_up() const { return hung_up_; }
    bool reusable() const { return parser_.reusable() && upload_.complete() && !hung_up_; }

private:
    void read() {
        const auto bytes = socket_.read(buffer_.data(), buffer_.size());
        hung_up_ = !bytes;
        if (bytes) {
            parser_.feed(*bytes);
        } else {
            parser_.feed_end();
        }
    }

    void write(std::string_view pending) {
        if (const auto size = socket_.write(pending)) {
            upload_.sent(*size);
        } else {
            upload_.abandon();  // what it said before it hung up can still be read
        }
    }

    const UnixSocket& socket_;
    const Request& request_;
    Upload upload_;
    AnswerParser parser_;
    bool hung_up_ = false;
    std::array<char, 64U << 10U> buffer_{};
};

class UnixTransport final : public Transport {
public:
    explicit UnixTransport(std::string path) : path_(std::move(path)), server_("unix://" + path_) {}

    Response send(const Request& request) override { return talk(request, nullptr); }

    Response stream(const Request& request, const OnBytes& on_bytes) override {
        return talk(request, &on_bytes);
    }

private:
    // Only a request that may be sent twice uses a kept connection: the server may close one
    // at any moment, and whether it has read the request before is then unknown.
    static bool may_repeat(const Request& request) {
        return (request.method == "GET" || request.method == "HEAD") && !request.source;
    }

    Response talk(const Request& request, const OnBytes* on_bytes) {
        check_head(request, server_);
        if (request.stop.stop_requested()) throw Stopped{};
        if (may_repeat(request) && on_bytes == nullptr) {
            if (auto kept = take_idle()) {
                if (auto response = attempt(*kept, request, on_bytes, Attempt::OnKept))
                    return *std::move(response);
            }
        }
        UnixSocket fresh(path_);
        return *attempt(fresh, request, on_bytes, Attempt::Last);
    }

    enum class Attempt { OnKept, Last };

    /// Empty when the kept connection turned out to be closed, and nothing was lost by it.
    std::optional<Response> attempt(UnixSocket& socket,
                                    const Request& request,
                                    const OnBytes* on_bytes,
                                    Attempt which) {
        const auto exchange = std::make_unique<Exchange>(socket, request, on_bytes);
        try {
            Response response = exchange->run();
            if (exchange->reusable()) keep(std::move(socket));
            return response;
        } catch (const Transient& failure) {
            if (which == Attempt::OnKept && exchange->hung_up() && !exchange->heard_any())
                return std::nullopt;
            throw Transient(describe(request, server_) + ": " + failure.what());
        } catch (const Terminal& failure) {
            throw Terminal(describe(request, server_) + ": " + failure.what());
        }
    }

    std::optional<UnixSocket> take_idle() {
        const std::lock_guard lock(mutex_);
        while (!idle_.empty()) {
            UnixSocket socket = std::move(idle_.back());
            idle_.pop_back();
            if (socket.idle()) return socket;
        }
        return std::nullopt;
    }

    void keep(UnixSocket socket) {
        const std::lock_guard lock(mutex_);
        if (idle_.size() < kIdleMax) idle_.push_back(std::move(socket));
    }

    const std::string path_;
    const std::string server_;
    std::mutex mutex_;
    std::vector<UnixSocket> idle_;
};

}  // namespace

std::unique_ptr<Transport> make_unix_transport(std::string socket_path) {
    return std::make_unique<UnixTransport>(std::move(socket_path));
}

}  // namespace oms::http
