// The tar in which the daemon sends a file of a container.

#include "docker/tar.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oms;
    const std::string_view text = fuzz::text_of(data, size);
    fuzz::tolerate([&] {
        const auto entry = docker::read_tar(text);
        fuzz::require(!entry || entry->content.size() <= text.size());
    });
    fuzz::tolerate([&] { docker::read_tar_head(text, "fuzz"); });
    return 0;
}
