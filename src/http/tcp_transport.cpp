#include "base/error.hpp"
#include "http/conversation.hpp"
#include "http/request_head.hpp"
#include "http/tls_client.hpp"
#include "http/transport.hpp"

#include <boost/asio/ssl/context.hpp>
#include <cpprest/http_client.h>
#include <pplx/threadpool.h>

#include <chrono>
#include <mutex>
#include <utility>

namespace oms::http {
namespace {

namespace client = web::http::client;

// cpprestsdk would start 40 threads. Its handlers never wait, so two are plenty.
void start_pool() {
    static std::once_flag once;
    std::call_once(once, [] { crossplat::threadpool::initialize_with_threads(2); });
}

client::http_client_config configure(const std::shared_ptr<TlsClient>& tls) {
    client::http_client_config config;
    config.set_timeout(std::chrono::hours(24 * 365));  // silence is ours to measure, per request
    config.set_max_redirects(0);                       // a redirect is an answer like any other
    if (!tls) return config;
    config.set_validate_certificates(tls->verifies());
    config.set_ssl_context_callback(
        [tls](boost::asio::ssl::context& context) { tls->prepare(context.native_handle()); });
    return config;
}

web::uri parse(const std::string& url) {
    try {
        web::uri uri(url);
        if ((uri.scheme() == "http" || uri.scheme() == "https") && !uri.host().empty()) return uri;
    } catch (const web::uri_exception&) {
        // Said below, in words for the person who wrote the address.
    }
    throw Terminal("\"" + url + "\" is not an address like https://host:port");
}

/// Ends a conversation on every way out: the connection is closed unless all went well.
class Leaving {
public:
    Leaving(Conversation& talk, const pplx::cancellation_token_source& cancel)
        : talk_(talk), cancel_(cancel) {}
    ~Leaving() {
        if (!done_) cancel_.cancel();
        talk_.leave();
    }
    Leaving(const Leaving&) = delete;
    Leaving& operator=(const Leaving&) = delete;
    void done() { done_ = true; }

private:
    Conversation& talk_;
    const pplx::cancellation_token_source& cancel_;
    bool done_ = false;
};

class TcpTransport final : public Transport {
public:
    TcpTransport(const std::string& url, std::shared_ptr<TlsClient> tls)
        : server_(url), tls_(std::move(tls)), client_(parse(url), configure(tls_)) {}

    Response send(const Request& request) override { return talk(request, nullptr); }

    Response stream(const Request& request, const OnBytes& on_bytes) override {
        return talk(request, &on_bytes);
    }

private:
    Response talk(const Request& request, const OnBytes* on_bytes) {
        check_head(request, server_);
        if (request.stop.stop_requested()) throw Stopped{};
        try {
            return attempt(request, on_bytes);
        } catch (const web::http::http_exception& failure) {
            if (const auto refusal = tls_ ? tls_->take_refusal() : std::nullopt)
                throw Terminal(describe(request, server_) + ": " + *refusal);
            throw Transient(describe(request, server_) + ": " + explain(failure));
        } catch (const Transient& failure) {
            throw Transient(describe(request, server_) + ": " + failure.what());
        } catch (const Terminal& failure) {
            throw Terminal(describe(request, server_) + ": " + failure.what());
        }
    }

    static std::string explain(const web::http::http_exception& failure) {
        const std::string what = failure.what();
        const std::string why = failure.error_code().message();
        return failure.error_code() && what.find(why) == std::string::npos ? what + ": " + why
                                                                           : what;
    }

    Response attempt(const Request& request, const OnBytes* on_bytes) {
        const auto shared = std::make_shared<Conversation>(
            on_bytes == nullptr ? std::optional(request.body_max) : std::nullopt);
        const pplx::cancellation_token_source cancel;
        Leaving leaving(*shared, cancel);
        begin(request, shared, cancel.get_token());
        Response response;
        for (;;) {
            auto news = shared->wait(request.timeout, request.stop);
            if (!news) {
                throw Transient("no sign of life for " + std::to_string(request.timeout.count()) +
                                " ms");
            }
            if (news->answered) response = shared->answer();
            if (news->wanted > 0) supply(*shared, request, news->wanted);
            if (!take(*news, request, on_bytes, response)) return response;
            if (!news->ended) continue;
            if (news->failure) std::rethrow_exception(news->failure);
            leaving.done();
            return response;
        }
    }

    void begin(const Request& request,
               const std::shared_ptr<Conversation>& shared,
               const pplx::cancellation_token& token) {
        web::http::http_request message(request.method);
        message.set_request_uri(web::uri(request.target));
        for (const auto& [name, value] : request.headers) message.headers().add(name, value);
        if (request.source) {
            set_body(message, request, shared);
        } else if (!request.body.empty()) {
            message.set_body(std::vector<unsigned char>(request.body.begin(), request.body.end()));
            message.headers().set_content_type(content_type(request));
        }
        message.set_response_stream(answer_body(shared).create_ostream());
        const auto on_body_end = [shared](const pplx::task<web::http::http_response>& body) {
            finish(*shared, body);
        };
        client_.request(message, token)
            .then([shared, on_body_end](const pplx::task<web::http::http_response>& head) {
                if (!finish_if_failed(*shared, head)) return;
                shared->on_answer(head.get());
                head.get().content_ready().then(on_body_end);
            });
    }

    static void set_body(web::http::http_request& message,
                         const Request& request,
                         const std::shared_ptr<Conversation>& shared) {
        const auto body = request_body(shared).create_istream();
        if (request.source_size > 0) {
            message.set_body(body, request.source_size, content_type(request));
        } else {
            message.set_body(body, content_type(request));
        }
    }

    static std::string content_type(const Request& request) {
        const Response as_headers{.status = 0, .headers = request.headers, .body = {}};
        return as_headers.header("Content-Type").value_or("application/octet-stream");
    }

    static void finish(Conversation& talk, const pplx::task<web::http::http_response>& task) {
        if (finish_if_failed(talk, task)) talk.on_end(nullptr);
    }

    /// False: it failed, and the conversation was told. The only way to learn of a failed task is
    /// to catch what its get() throws, of whatever type; the caller's thread throws it on.
    static bool finish_if_failed(Conversation& talk,
                                 const pplx::task<web::http::http_response>& task) {
        try {
            task.get();
            return true;
        } catch (...) {
            talk.on_end(std::current_exception());
            return false;
        }
    }

    static void supply(Conversation& talk, const Request& request, std::size_t wanted) {
        std::string bytes(wanted, '\0');
        bytes.resize(request.source(bytes.data(), bytes.size()));
        talk.supply(bytes);
    }

    /// False: the reader of the stream had enough.
    static bool take(Conversation::News& news,
                     const Request& request,
                     const OnBytes* on_bytes,
                     Response& response) {
        if (news.too_large) refuse_size(request);
        if (!news.bytes) return true;
        std::string bytes = *std::move(news.bytes);
        if (on_bytes != nullptr && response.status / 100 == 2) return (*on_bytes)(bytes);
        if (bytes.size() > request.body_max - response.body.size()) refuse_size(request);
        if (response.body.empty()) {
            response.body = std::move(bytes);
        } else {
            response.body += bytes;
        }
        return true;
    }

    [[noreturn]] static void refuse_size(const Request& request) {
        throw Terminal("the answer is larger than the " + std::to_string(request.body_max) +
                       " bytes that were expected at most");
    }

    const std::string server_;
    const std::shared_ptr<TlsClient> tls_;
    client::http_client client_;
};

}  // namespace

std::unique_ptr<Transport> make_tcp_transport(const std::string& base_url, std::optional<Tls> tls) {
    start_pool();
    std::shared_ptr<TlsClient> tls_client;
    if (base_url.starts_with("https://"))
        tls_client = TlsClient::make(tls ? *std::move(tls) : Tls{});
    return std::make_unique<TcpTransport>(base_url, std::move(tls_client));
}

}  // namespace oms::http
