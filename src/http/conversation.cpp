#include "http/conversation.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace oms::http {
namespace {

namespace streams = concurrency::streams;

std::exception_ptr gone() {
    return std::make_exception_ptr(std::runtime_error("the caller has gone away"));
}

/// What cpprestsdk's abstract stream buffer wants answered by a pipe, which cannot seek, peek or
/// lend its memory.
class PipeBuffer : public streams::details::streambuf_state_manager<std::uint8_t> {
    using Base = streams::details::streambuf_state_manager<std::uint8_t>;

public:
    PipeBuffer(std::shared_ptr<Conversation> talk, std::ios_base::openmode mode)
        : Base(mode), talk_(std::move(talk)) {}

    bool can_seek() const override { return false; }
    bool has_size() const override { return false; }
    std::size_t buffer_size(std::ios_base::openmode) const override { return 0; }
    void set_buffer_size(std::size_t, std::ios_base::openmode) override {}
    std::size_t in_avail() const override { return 0; }
    pos_type getpos(std::ios_base::openmode) const override { return nowhere(); }
    pos_type seekpos(pos_type, std::ios_base::openmode) override { return nowhere(); }
    pos_type seekoff(off_type, std::ios_base::seekdir, std::ios_base::openmode) override {
        return nowhere();
    }
    bool acquire(std::uint8_t*& memory, std::size_t& size) override {
        memory = nullptr;
        size = 0;
        return false;
    }
    void release(std::uint8_t*, std::size_t) override {}

protected:
    pplx::task<int_type> _putc(std::uint8_t) override { return nothing(); }
    pplx::task<std::size_t> _putn(const std::uint8_t*, std::size_t) override {
        return pplx::task_from_result<std::size_t>(0);
    }
    pplx::task<int_type> _bumpc() override { return nothing(); }
    int_type _sbumpc() override { return traits::requires_async(); }
    pplx::task<int_type> _getc() override { return nothing(); }
    int_type _sgetc() override { return traits::requires_async(); }
    pplx::task<int_type> _nextc() override { return nothing(); }
    pplx::task<int_type> _ungetc() override { return nothing(); }
    pplx::task<std::size_t> _getn(std::uint8_t*, std::size_t) override {
        return pplx::task_from_result<std::size_t>(0);
    }
    std::size_t _scopy(std::uint8_t*, std::size_t) override { return 0; }
    pplx::task<bool> _sync() override { return pplx::task_from_result(true); }
    std::uint8_t* _alloc(std::size_t) override { return nullptr; }
    void _commit(std::size_t) override {}

    static pos_type nowhere() { return static_cast<pos_type>(traits::eof()); }
    static pplx::task<int_type> nothing() {
        return pplx::task_from_result<int_type>(traits::eof());
    }

    const std::shared_ptr<Conversation> talk_;
};

class AnswerBuffer final : public PipeBuffer {
public:
    explicit AnswerBuffer(std::shared_ptr<Conversation> talk)
        : PipeBuffer(std::move(talk), std::ios_base::out) {}

protected:
    pplx::task<std::size_t> _putn(const std::uint8_t* bytes, std::size_t size) override {
        return talk_->on_bytes(bytes, size);
    }
};

class RequestBuffer final : public PipeBuffer {
public:
    explicit RequestBuffer(std::shared_ptr<Conversation> talk)
        : PipeBuffer(std::move(talk), std::ios_base::in) {}

protected:
    pplx::task<std::size_t> _getn(std::uint8_t* to, std::size_t size) override {
        return talk_->on_wanted(to, size);
    }
};

class Pipe final : public streams::streambuf<std::uint8_t> {
public:
    explicit Pipe(const std::shared_ptr<streams::details::basic_streambuf<std::uint8_t>>& buffer)
        : streams::streambuf<std::uint8_t>(buffer) {}
};

}  // namespace

bool Conversation::has_news() const {
    if ((want_ && !want_told_) || ended_ || too_large_) return true;
    return !whole_max_ && answer_ && (!answer_told_ || piece_);
}

std::optional<Conversation::News> Conversation::wait(std::chrono::milliseconds silence,
                                                     const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    auto deadline = std::chrono::steady_clock::now() + silence;
    while (!changed_.wait_until(lock, stop, deadline, [this] { return has_news(); })) {
        if (stop.stop_requested()) throw Stopped{};
        // Parts of a whole answer come without being news.
        if (heard_ + silence <= deadline) return std::nullopt;
        deadline = heard_ + silence;
    }
    if (stop.stop_requested()) throw Stopped{};
    News news;
    news.too_large = too_large_;
    news.answered = answer_ && !std::exchange(answer_told_, true);
    if (want_ && !std::exchange(want_told_, true)) news.wanted = want_->size;
    std::optional<Piece> piece = take_piece();
    news.ended = ended_ && !piece;
    news.failure = news.ended ? failure_ : nullptr;
    if (news.ended && !news.failure && whole_max_) news.bytes = std::move(whole_);
    lock.unlock();
    if (piece) {
        news.bytes = std::move(piece->bytes);
        piece->taken.set(news.bytes->size());
    }
    return news;
}

/// cpprestsdk may bring the first bytes before it tells of the head they belong to.
std::optional<Conversation::Piece> Conversation::take_piece() {
    return answer_ ? std::exchange(piece_, std::nullopt) : std::nullopt;
}

void Conversation::heard() {
    heard_ = std::chrono::steady_clock::now();
    if (has_news()) changed_.notify_all();
}

Response Conversation::answer() const {
    const std::lock_guard lock(mutex_);
    return answer_.value();
}

void Conversation::supply(std::string_view bytes) {
    std::unique_lock lock(mutex_);
    if (!want_) return;
    const Want want = *std::exchange(want_, std::nullopt);
    lock.unlock();
    std::copy(bytes.begin(), bytes.end(), want.to);
    want.done.set(bytes.size());
}

void Conversation::leave() {
    std::unique_lock lock(mutex_);
    left_ = true;
    const auto piece = std::exchange(piece_, std::nullopt);
    const auto want = std::exchange(want_, std::nullopt);
    lock.unlock();
    if (piece) piece->taken.set_exception(gone());
    if (want) want->done.set_exception(gone());
}

void Conversation::on_answer(const web::http::http_response& response) {
    Response answer;
    answer.status = response.status_code();
    for (const auto& [name, value] : response.headers()) answer.headers.emplace_back(name, value);
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
    heard();
}

void Conversation::on_end(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    failure_ = std::move(failure);
    heard();
}

pplx::task<std::size_t> Conversation::on_bytes(const std::uint8_t* bytes, std::size_t size) {
    const std::lock_guard lock(mutex_);
    if (left_) return pplx::task_from_exception<std::size_t>(gone());
    const auto* text = reinterpret_cast<const char*>(bytes);
    if (whole_max_) {
        too_large_ = size > *whole_max_ - whole_.size();
        if (!too_large_) whole_.append(text, size);
        heard();
        return too_large_ ? pplx::task_from_exception<std::size_t>(gone())
                          : pplx::task_from_result(size);
    }
    piece_ = Piece{.bytes = std::string(text, size), .taken = {}};
    heard();
    return pplx::create_task(piece_->taken);
}

pplx::task<std::size_t> Conversation::on_wanted(std::uint8_t* to, std::size_t size) {
    const std::lock_guard lock(mutex_);
    if (left_) return pplx::task_from_exception<std::size_t>(gone());
    want_ = Want{.to = to, .size = size, .done = {}};
    want_told_ = false;
    heard();
    return pplx::create_task(want_->done);
}

streams::streambuf<std::uint8_t> answer_body(std::shared_ptr<Conversation> talk) {
    return Pipe(std::make_shared<AnswerBuffer>(std::move(talk)));
}

streams::streambuf<std::uint8_t> request_body(std::shared_ptr<Conversation> talk) {
    return Pipe(std::make_shared<RequestBuffer>(std::move(talk)));
}

}  // namespace oms::http
