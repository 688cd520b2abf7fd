// An HTTP answer, chunked or not, cut where the first byte says.

#include "fuzz/fuzz.hpp"
#include "http/answer_parser.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oms;
    std::string_view text = fuzz::text_of(data, size);
    if (text.empty()) return 0;
    const std::size_t piece = static_cast<unsigned char>(text.front()) + 1;
    text.remove_prefix(1);
    fuzz::tolerate([&] {
        http::Request request;
        request.body_max = 1000;
        http::AnswerParser parser(request, nullptr);
        for (; !text.empty() && !parser.done(); text.remove_prefix(std::min(piece, text.size())))
            parser.feed(text.substr(0, piece));
        parser.feed_end();
        fuzz::require(parser.take().body.size() <= request.body_max);
    });
    return 0;
}
