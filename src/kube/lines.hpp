#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace oms::kube {

/// Makes lines of a stream that comes in chunks of any size. A line is bytes: what is cut inside
/// an UTF-8 sequence is whole again before anybody reads it.
class Lines {
public:
    /// False: enough. Nothing more is given out afterwards.
    using OnLine = std::function<bool(std::string_view)>;

    explicit Lines(std::size_t longest) : longest_(longest) {}

    /// Gives out every line that is whole now, without its newline; empty ones are left out.
    /// Throws Transient when a line is longer than the longest.
    bool feed(std::string_view bytes, const OnLine& on_line);

    /// At the end of the stream: what came after the last newline.
    std::string take_rest();

private:
    std::size_t longest_;
    std::string open_;  // the line that is not whole yet
};

}  // namespace oms::kube
