#include "http/answer_parser.hpp"

#include "base/error.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace oms::http {
namespace {

namespace beast = boost::beast;
using ErrorCode = beast::error_code;

constexpr std::uint32_t kHeadMax = 64U << 10U;

/// Where the body of an answer goes.
struct Sink {
    const OnBytes* on_bytes = nullptr;
    std::size_t body_max = 0;
    std::string kept;
    bool enough = false;
    bool too_large = false;

    /// False: no more.
    bool take(unsigned status, std::string_view bytes) {
        if (on_bytes != nullptr && status / 100 == 2) {
            enough = !(*on_bytes)(bytes);
            return !enough;
        }
        too_large = bytes.size() > body_max - kept.size();
        if (!too_large) kept += bytes;
        return !too_large;
    }
};

/// Beast's idea of a body type, handing every piece to a Sink.
struct SinkBody {
    using value_type = Sink*;

    class reader {  // NOLINT(readability-identifier-naming): Beast asks for this name
    public:
        template <bool kIsRequest, class Fields>
        reader(beast::http::header<kIsRequest, Fields>& head, value_type& sink)
            : status_([&head] { return head.result_int(); }), sink_(sink) {}

        void init(const boost::optional<std::uint64_t>&, ErrorCode& error) { error = {}; }

        template <class Buffers>
        std::size_t put(const Buffers& buffers, ErrorCode& error) {
            std::size_t size = 0;
            for (const boost::asio::const_buffer piece : beast::buffers_range_ref(buffers)) {
                size += piece.size();
                const std::string_view bytes(static_cast<const char*>(piece.data()), piece.size());
                if (!sink_->take(status_(), bytes)) {
                    error = boost::system::errc::make_error_code(
                        boost::system::errc::operation_canceled);
                    return size;
                }
            }
            error = {};
            return size;
        }

        void finish(ErrorCode& error) { error = {}; }

    private:
        std::function<unsigned()> status_;
        value_type& sink_;
    };
};

using Parser = beast::http::response_parser<SinkBody>;

}  // namespace

struct AnswerParser::State {
    State(const Request& asked, const OnBytes* on_bytes)
        : request(asked), sink{.on_bytes = on_bytes, .body_max = asked.body_max, .kept = {}} {}

    const Request& request;
    Sink sink;
    std::string buffer;  // what the parser has not taken yet: a part of a head or chunk head
    bool heard_any = false;
    std::optional<Parser> parser;

    void begin() {
        parser.emplace();
        parser->get().body() = &sink;
        parser->eager(true);
        parser->header_limit(kHeadMax);
        parser->body_limit(boost::none);
        parser->skip(request.method == "HEAD");
    }

    unsigned status() const { return parser->get().result_int(); }

    /// 100 Continue and its like come before the answer, and are not it.
    bool interim_is_over() const {
        return parser->is_done() && status() / 100 == 1 && status() != 101;
    }

    void check(const ErrorCode& error) const {
        if (!error || error == beast::http::error::need_more) return;
        if (sink.too_large) {
            throw Terminal("the answer is larger than the " + std::to_string(sink.body_max) +
                           " bytes that were expected at most");
        }
        if (error == beast::http::error::header_limit) {
            throw Terminal("the head of the answer is larger than " + std::to_string(kHeadMax) +
                           " bytes");
        }
        if (!sink.enough) throw Terminal("the answer is not HTTP: " + error.message());
    }
};

AnswerParser::AnswerParser(const Request& request, const OnBytes* on_bytes)
    : state_(new State(request, on_bytes)) {
    state_->begin();
}

AnswerParser::~AnswerParser() = default;

void AnswerParser::feed(std::string_view bytes) {
    State& s = *state_;
    s.heard_any = s.heard_any || !bytes.empty();
    s.buffer += bytes;
    while (!s.buffer.empty() && !done()) {
        ErrorCode error;
        const std::size_t taken =
            s.parser->put(boost::asio::buffer(std::as_const(s.buffer)), error);
        s.buffer.erase(0, taken);
        s.check(error);
        if (s.interim_is_over()) {
            s.begin();
            continue;
        }
        if (taken == 0) break;
    }
    if (!done() && s.buffer.size() > kHeadMax) {
        throw Terminal("a chunk's head in the answer is larger than " + std::to_string(kHeadMax) +
                       " bytes");
    }
}

void AnswerParser::feed_end() {
    State& s = *state_;
    if (done()) return;
    if (!s.heard_any) throw Transient("the other side closed the connection without an answer");
    ErrorCode error;
    if (s.parser->got_some()) s.parser->put_eof(error);
    if (error || !s.parser->is_done())
        throw Transient("the other side closed the connection in the middle of its answer");
}

bool AnswerParser::heard_any() const {
    return state_->heard_any;
}

bool AnswerParser::refused() const {
    return state_->parser->is_header_done() && state_->status() >= 300;
}

bool AnswerParser::done() const {
    return state_->sink.enough || (state_->parser->is_done() && !state_->interim_is_over());
}

bool AnswerParser::reusable() const {
    return !state_->sink.enough && state_->parser->is_done() && state_->parser->keep_alive() &&
           state_->buffer.empty();
}

Response AnswerParser::take() {
    Response response;
    response.status = static_cast<int>(state_->status());
    for (const auto& field : state_->parser->get().base())
        response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    response.body = std::move(state_->sink.kept);
    return response;
}

}  // namespace oms::http
