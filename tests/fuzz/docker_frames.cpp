// The framed output of `docker exec`, and the lines of a pull, cut where the first byte says.

#include "docker/json_lines.hpp"
#include "docker/raw_stream.hpp"
#include "fuzz/fuzz.hpp"

#include <nlohmann/json.hpp>

namespace {

template <class Feed>
void in_pieces(std::string_view text, const Feed& feed) {
    if (text.empty()) return;
    const std::size_t piece = static_cast<unsigned char>(text.front()) % 13U + 1;
    for (text.remove_prefix(1); !text.empty(); text.remove_prefix(std::min(piece, text.size())))
        feed(text.substr(0, piece));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oms;
    const std::string_view text = fuzz::text_of(data, size);
    fuzz::tolerate([&] {
        docker::RawStream stream(100);
        in_pieces(text, [&](std::string_view bytes) { stream.feed(bytes); });
        fuzz::require(stream.out().size() + stream.err().size() <= 100);
    });
    fuzz::tolerate([&] {
        docker::JsonLines lines(
            [](const nlohmann::json& line) { fuzz::require(!line.is_discarded()); });
        in_pieces(text, [&](std::string_view bytes) { lines.feed(bytes); });
        lines.finish();
    });
    return 0;
}
