#include "base/error.hpp"
#include "catch.hpp"
#include "fakes/fake_transport.hpp"
#include "http/watched_transport.hpp"

namespace oms::http {
namespace {

struct Bench {
    fakes::FakeTransport* script = nullptr;
    std::vector<int> told;
    std::unique_ptr<Transport> transport;

    Bench() {
        auto inner = std::make_unique<fakes::FakeTransport>();
        script = inner.get();
        transport =
            watched(std::move(inner), [this](const Request&, int code) { told.push_back(code); });
    }
};

using Codes = std::vector<int>;

TEST_CASE("each request is told once, with what became of it", "[http]") {
    Bench bench;
    bench.script->answer(200, "a");
    bench.script->answer(503, "b");
    bench.script->fail();
    CHECK(bench.transport->send({}).body == "a");
    CHECK(bench.transport->send({}).status == 503);
    CHECK_THROWS_AS(bench.transport->send({}), Transient);
    CHECK(bench.told == Codes{200, 503, 0});
    CHECK_THROWS_AS(bench.transport->send({}), Stopped);
    CHECK(bench.told.size() == 3);
}

TEST_CASE("a stream is told when it begins, however it ends", "[http]") {
    Bench bench;
    const auto on_bytes = [&](std::string_view) {
        CHECK(bench.told.size() == 1);
        return true;
    };
    bench.script->stream({"a", "b"}, [](const Request&) { throw Transient("reset"); });
    CHECK_THROWS_AS(bench.transport->stream({}, on_bytes), Transient);
    CHECK(bench.told == Codes{200});

    bench.script->answer(410, "gone");
    CHECK(bench.transport->stream({}, on_bytes).status == 410);
    bench.script->stream({});
    CHECK(bench.transport->stream({}, on_bytes).status == 200);
    bench.script->fail();
    CHECK_THROWS_AS(bench.transport->stream({}, on_bytes), Transient);
    CHECK(bench.told == Codes{200, 410, 200, 0});
}

}  // namespace
}  // namespace oms::http
