#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace oms::docker {

/// Takes a "raw-stream" apart: what a command without a terminal wrote to its two outputs, in
/// frames of a kind, a length and so many bytes. Pure.
class RawStream {
public:
    /// Keeps `keep_max` bytes of both outputs together; what comes after them is dropped.
    explicit RawStream(std::size_t keep_max) : left_(keep_max) {}

    /// The next bytes, cut anywhere. Throws Terminal when they are no such stream.
    void feed(std::string_view bytes);

    const std::string& out() const { return out_; }
    const std::string& err() const { return err_; }

private:
    void begin_frame();

    std::string head_;
    std::uint32_t frame_left_ = 0;
    bool to_err_ = false;
    std::size_t left_;
    std::string out_;
    std::string err_;
};

}  // namespace oms::docker
