// The manifest of a dump: what a restore believes.

#include "fuzz/fuzz.hpp"
#include "metadb/manifest.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oms;
    fuzz::tolerate([&] {
        const auto manifest = metadb::manifest_from_json(fuzz::text_of(data, size), "fuzz");
        // It means the same once it was written and read again.
        fuzz::require(metadb::to_json(metadb::manifest_from_json(
                          metadb::to_json(manifest), "again")) == metadb::to_json(manifest));
    });
    return 0;
}
