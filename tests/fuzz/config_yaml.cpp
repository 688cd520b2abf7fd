// config.yaml of an OMS: read, judged, rewritten, and shown with its passwords hidden.

#include "fuzz/fuzz.hpp"
#include "oms/config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oms;
    const std::string_view text = fuzz::text_of(data, size);
    fuzz::tolerate([&] { parse_config(text); });
    fuzz::tolerate([&] { check_config(text, *parse_version("4.3.1")); });
    fuzz::tolerate([&] {
        const std::string split = split_meta_keys(text);
        // What was rewritten says the same, in the new keys.
        const Config before = parse_config(text);
        fuzz::require(parse_config(split).rm == before.rm);
    });
    mask_passwords(text);
    mask_values(text, std::string(text));
    return 0;
}
