// A manifest of a lone host: YAML with several documents, one OMSUpgrade and its Secrets.

#include "api/manifest.hpp"

#include "api/problem.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oms;
    fuzz::tolerate([&] {
        try {
            api::read_manifest(std::string(fuzz::text_of(data, size)), "fuzz");
        } catch (const api::BadManifest& bad) {
            fuzz::require(!std::string_view(bad.what()).empty());
        }
    });
    return 0;
}
