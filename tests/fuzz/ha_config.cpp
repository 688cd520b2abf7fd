// ha.config, a JSON text in MetaDB that is changed in place.

#include "fuzz/fuzz.hpp"
#include "oms/ha.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oms;
    const std::string_view text = fuzz::text_of(data, size);
    fuzz::tolerate([&] { fuzz::require(!parse_ha(with_ha_disabled(text)).enable); });
    fuzz::tolerate([&] {
        const HaConfig saved = parse_ha(text);
        const HaConfig after = parse_ha(restored_ha(text, {}, std::chrono::minutes{5}));
        fuzz::require(after.enable == saved.enable);
    });
    return 0;
}
