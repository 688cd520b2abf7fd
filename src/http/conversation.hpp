#pragma once

#include "http/transport.hpp"

#include <cpprest/astreambuf.h>
#include <cpprest/http_msg.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

namespace oms::http {

/// Where one caller and cpprestsdk's pool threads meet. The pool threads leave what has come and
/// what they want and go on; only the caller's own thread ever runs the caller's callbacks, so
/// nothing of the caller's is touched once its call has returned, and a slow reader holds back
/// its server instead of filling our memory.
///
/// Each piece handed over costs a change of threads, twice. So an answer that the caller wants
/// whole is put together by the pool threads, up to its limit, and handed over at its end.
class Conversation {
public:
    using Size = pplx::task_completion_event<std::size_t>;

    /// `whole_max`: the answer is wanted whole, of at most so many bytes; empty: piece by piece.
    explicit Conversation(std::optional<std::size_t> whole_max) : whole_max_(whole_max) {}

    /// What has happened since the last look.
    struct News {
        bool answered = false;             // the head has come: `answer()` may be asked
        std::optional<std::string> bytes;  // a piece of the body, or the whole
        bool too_large = false;            // more than the whole may be: nothing more will come
        std::size_t wanted = 0;            // so many bytes of the upload are asked for
        bool ended = false;
        std::exception_ptr failure;
    };

    /// Waits for news; empty when there was none for `silence`. Throws Stopped.
    std::optional<News> wait(std::chrono::milliseconds silence, const std::stop_token&);
    Response answer() const;

    /// Hands over what was wanted; empty ends the upload.
    void supply(std::string_view bytes);

    /// The caller goes away. Whatever still comes is refused.
    void leave();

    // From here on: called by pool threads.
    void on_answer(const web::http::http_response&);
    void on_end(std::exception_ptr failure);
    pplx::task<std::size_t> on_bytes(const std::uint8_t* bytes, std::size_t size);
    pplx::task<std::size_t> on_wanted(std::uint8_t* to, std::size_t size);

private:
    struct Want {
        std::uint8_t* to = nullptr;
        std::size_t size = 0;
        Size done;
    };
    struct Piece {
        std::string bytes;
        Size taken;
    };

    bool has_news() const;
    std::optional<Piece> take_piece();
    void heard();

    const std::optional<std::size_t> whole_max_;

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::optional<Response> answer_;  // without its body
    bool answer_told_ = false;
    std::optional<Piece> piece_;
    std::optional<Want> want_;
    bool want_told_ = false;
    bool ended_ = false;
    std::exception_ptr failure_;
    bool left_ = false;
    std::string whole_;
    bool too_large_ = false;
    std::chrono::steady_clock::time_point heard_{};  // when something came last
};

/// The two ends of it as cpprestsdk's streams: an answer's body goes in, a request's comes out.
concurrency::streams::streambuf<std::uint8_t> answer_body(std::shared_ptr<Conversation>);
concurrency::streams::streambuf<std::uint8_t> request_body(std::shared_ptr<Conversation>);

}  // namespace oms::http
