#include "docker/raw_stream.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace oms::docker {
namespace {

constexpr std::size_t kHead = 8;  // kind, three zeros, four bytes of length, the highest first

}  // namespace

void RawStream::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        if (frame_left_ == 0) {
            const auto more = std::min(bytes.size(), kHead - head_.size());
            head_ += bytes.substr(0, more);
            bytes.remove_prefix(more);
            if (head_.size() == kHead) begin_frame();
            continue;
        }
        const auto piece = bytes.substr(0, frame_left_);
        const auto kept = piece.substr(0, left_);
        (to_err_ ? err_ : out_) += kept;
        left_ -= kept.size();
        frame_left_ -= static_cast<std::uint32_t>(piece.size());
        bytes.remove_prefix(piece.size());
    }
}

void RawStream::begin_frame() {
    const auto byte = [this](std::size_t at) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(head_[at]));
    };
    // 0 and 1 are standard output, 2 is standard error, 3 an error of the daemon's own.
    if (byte(0) > 3 || (byte(1) | byte(2) | byte(3)) != 0)
        throw Terminal("docker: the output of a command is not in the daemon's frames");
    to_err_ = byte(0) >= 2;
    frame_left_ = byte(4) << 24U | byte(5) << 16U | byte(6) << 8U | byte(7);
    head_.clear();
}

}  // namespace oms::docker
