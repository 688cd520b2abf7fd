// What the API server says in a list and in a watch, and the resources in it.

#include "fuzz/fuzz.hpp"
#include "kube/lines.hpp"
#include "kube/upgrades.hpp"
#include "kube/watch_state.hpp"

namespace {

using namespace oms;

struct Reader final : kube::WatchHandler {
    void on_change(kube::Change, const kube::Seen& seen, std::string_view object) override {
        fuzz::tolerate([&] { kube::read_upgrade(object); });
        fuzz::tolerate([&] { kube::read_run(seen, object); });
    }
    void on_deleted(const kube::Seen&) override {}
    void on_synced() override {}
    void on_trouble(const std::string&) override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    Reader reader;
    kube::WatchState state(reader, 1);
    fuzz::tolerate([&] { state.on_page(text); });
    fuzz::tolerate([&] {
        kube::Lines lines(1000);
        lines.feed(text, [&](std::string_view line) { return state.on_line(line); });
        state.on_line(lines.take_rest());
    });
    return 0;
}
