#include "http/upload.hpp"

#include "base/error.hpp"
#include "http/request_head.hpp"

#include <cstdio>

namespace oms::http {
namespace {

constexpr std::size_t kPiece = 256U << 10U;

std::string as_chunk(std::string_view bytes) {
    char size[20];
    const int length = std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
    std::string chunk(size, static_cast<std::size_t>(length));
    chunk += bytes;
    return chunk += "\r\n";
}

}  // namespace

Upload::Upload(const Request& request) : request_(request), buffer_(render_head(request)) {
    if (request_.source) return;
    buffer_ += request_.body;
    finished_ = true;
}

std::string_view Upload::pending() {
    if (abandoned_) return {};
    if (at_ == buffer_.size() && !finished_) refill();
    return std::string_view(buffer_).substr(at_);
}

void Upload::abandon() {
    abandoned_ = true;
}

void Upload::refill() {
    buffer_.resize(kPiece);
    buffer_.resize(request_.source(buffer_.data(), buffer_.size()));
    at_ = 0;
    from_source_ += buffer_.size();
    finished_ = buffer_.empty();
    if (request_.source_size == 0) {
        buffer_ = as_chunk(buffer_);  // the empty one ends the body: "0\r\n\r\n"
        return;
    }
    if (from_source_ > request_.source_size || (finished_ && from_source_ < request_.source_size)) {
        throw Terminal("the body to be sent was said to have " +
                       std::to_string(request_.source_size) + " bytes, and has " +
                       (finished_ ? "only " + std::to_string(from_source_) : "more") +
                       ": it changed while it was read");
    }
}

}  // namespace oms::http
