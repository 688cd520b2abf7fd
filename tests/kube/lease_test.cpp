#include "kube/lease.hpp"

#include "catch.hpp"
#include "kube/errors.hpp"
#include "objects.hpp"

#include <nlohmann/json.hpp>

namespace oms::kube {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

const Time kWall{1763877095s};

LeaseRecord held_by(const std::string& holder, const std::string& renewed = "r1") {
    return {.holder = holder,
            .duration_seconds = 15,
            .acquire_time = "a",
            .renew_time = renewed,
            .transitions = 3};
}

bool stands(const Election::Step& step) {
    return std::holds_alternative<Election::Stand>(step);
}

std::string lease(const std::string& holder,
                  const std::string& version,
                  const std::string& renewed = "r") {
    return R"({"metadata":{"name":"l","resourceVersion":")" + version +
           R"("},"spec":{"holderIdentity":")" + holder +
           R"(","leaseDurationSeconds":15,"renewTime":")" + renewed + R"(","leaseTransitions":1}})";
}

struct Bench {
    TestServer server;
    TestTime time;
    Leadership leadership{
        *server.client, {.key = {"oms", "l"}, .identity = "me"}, time.timing(), [] {
            return kWall;
        }};

    Json body(std::size_t at) const {
        return Json::parse(server.script->requests().at(at).body)["spec"];
    }
};

}  // namespace

TEST_CASE("a lease that nobody holds is taken", "[kube]") {
    Election election("me", {});
    const Instant now{100h};
    CHECK(std::holds_alternative<Election::Create>(election.decide(std::nullopt, now, kWall)));
    const auto step = election.decide(held_by(""), now, kWall);
    REQUIRE(std::holds_alternative<Election::Update>(step));
    CHECK(std::get<Election::Update>(step).record.transitions == 4);
    CHECK_FALSE(election.leads(now));  // not before it is written
}

TEST_CASE("another's lease is stood by until we saw it unchanged for its whole length", "[kube]") {
    Election election("me", {});
    Instant now{100h};
    // However old its times say it is: they are of another clock.
    CHECK(stands(election.decide(held_by("other", "2001-01-01T00:00:00Z"), now, kWall)));
    CHECK(election.other_leader() == "other");
    now += 14s;
    CHECK(stands(election.decide(held_by("other", "r2"), now, kWall)));
    now += 15s;
    CHECK(stands(election.decide(held_by("other", "r2"), now, kWall)));
    now += 1s;
    CHECK_FALSE(stands(election.decide(held_by("other", "r2"), now, kWall)));
}

TEST_CASE("a leader leads until its renewal is ten seconds old", "[kube]") {
    Election election("me", {});
    const Instant now{100h};
    election.on_written(held_by("me"), now);
    CHECK(election.leads(now + 9s));
    CHECK_FALSE(election.leads(now + 10s));
    CHECK(election.renewal(kWall)->transitions == 3);
    CHECK(stands(election.decide(held_by("other"), now + 1s, kWall)));
    CHECK_FALSE(election.leads(now + 1s));
    CHECK_FALSE(election.renewal(kWall).has_value());
}

TEST_CASE("leadership is taken, kept without looking, and let go at the end", "[kube]") {
    Bench bench;
    auto& script = *bench.server.script;
    std::stop_source stop;
    script.answer(404, status(404, "NotFound"));
    script.answer(201, lease("me", "5"));
    bench.leadership.acquire(stop.get_token());
    script.answer(200, lease("me", "6"));
    script.add([&](const http::Request&) {
        stop.request_stop();
        return fakes::FakeTransport::Answer{.chunks = {lease("me", "7")}};
    });
    script.answer(200, lease("", "8"));
    CHECK(bench.leadership.keep(stop.get_token()));
    CHECK(bench.leadership.leads());  // until what is under way has ended
    CHECK(script.lines().size() == 4);
    bench.leadership.release();
    CHECK_FALSE(bench.leadership.leads());
    const auto lines = script.lines();
    const std::string path = "/apis/coordination.k8s.io/v1/namespaces/oms/leases";
    CHECK(lines == std::vector<std::string>{"GET " + path + "/l",
                                            "POST " + path,
                                            "PATCH " + path + "/l",
                                            "PATCH " + path + "/l",
                                            "PATCH " + path + "/l"});
    CHECK(bench.body(1)["holderIdentity"] == "me");
    CHECK(Json::parse(script.requests()[3].body)["metadata"]["resourceVersion"] == "6");
    CHECK(bench.body(4)["holderIdentity"] == "");
}

TEST_CASE("leadership is lost when it cannot be renewed in time", "[kube]") {
    Bench bench;
    auto& script = *bench.server.script;
    script.answer(200, lease("", "4"));
    script.answer(200, lease("me", "5"));
    bench.leadership.acquire({});
    script.default_answer([&](const http::Request& request) -> fakes::FakeTransport::Answer {
        CHECK(request.timeout <= 10s);
        throw Transient("no route");
    });
    const auto begun = bench.time.now;
    CHECK_FALSE(bench.leadership.keep({}));
    CHECK(bench.time.now - begun == 10s);
}

TEST_CASE("leadership is lost as soon as another is seen to hold the lease", "[kube]") {
    Bench bench;
    auto& script = *bench.server.script;
    script.answer(200, lease("", "4"));
    script.answer(200, lease("me", "5"));
    bench.leadership.acquire({});
    script.answer(409, status(409, "Conflict"));
    script.answer(200, lease("other", "6"));
    CHECK_FALSE(bench.leadership.keep({}));
    CHECK(bench.time.waits.size() == 1);
}

// Goal: a leader that was stopped for a while never acts by a lease that may be another's by now.
// Method: the clock jumps, as it does for a process that goes on after a SIGSTOP; what asks first
//         is in one case whoever acts, in the other the thread that keeps the lease.
TEST_CASE("a leader that comes back late leads no more, whatever it learns then", "[kube]") {
    Bench bench;
    auto& script = *bench.server.script;
    script.answer(200, lease("", "4"));
    script.answer(200, lease("me", "5"));
    CHECK_FALSE(bench.leadership.leads());
    bench.leadership.acquire({});
    CHECK(bench.leadership.leads());
    bench.time.now += 9'999ms;
    CHECK(bench.leadership.leads());
    SECTION("it asks before it acts") {
        bench.time.now += 1ms;
        CHECK_FALSE(bench.leadership.leads());
        // Not even if a renewal that was sent before it was stopped is answered only now.
        bench.time.now -= 1ms;
        CHECK_FALSE(bench.leadership.leads());
        CHECK_FALSE(bench.leadership.keep({}));
    }
    SECTION("it goes on renewing") {
        bench.time.now += 10s;
        CHECK_FALSE(bench.leadership.keep({}));
        CHECK_FALSE(bench.leadership.leads());
    }
    CHECK(script.lines().size() == 2);  // and it never touched the lease again
}

TEST_CASE("a renewal counts from when it was sent", "[kube]") {
    Bench bench;
    auto& script = *bench.server.script;
    script.answer(200, lease("", "4"));
    script.add([&](const http::Request&) {
        bench.time.now += 8s;  // the answer takes that long
        return fakes::FakeTransport::Answer{.chunks = {lease("me", "5")}};
    });
    bench.leadership.acquire({});
    CHECK(bench.leadership.leads());
    bench.time.now += 2s;
    CHECK_FALSE(bench.leadership.leads());
}

TEST_CASE("the times of an election must leave a leader room to give up in time", "[kube]") {
    CHECK(problem_of({}) == std::nullopt);
    CHECK(problem_of({.lease = 3s, .renew_deadline = 2s, .retry = 500ms}) == std::nullopt);
    CHECK(problem_of({.lease = 10s, .renew_deadline = 10s, .retry = 2s}).has_value());
    CHECK(problem_of({.lease = 15s, .renew_deadline = 2'400ms, .retry = 2s}).has_value());
    CHECK(problem_of({.lease = 15'500ms, .renew_deadline = 10s, .retry = 2s}).has_value());
    CHECK(problem_of({.lease = 15s, .renew_deadline = 10s, .retry = 0s}).has_value());
}

TEST_CASE("who waits tries when the lease has run out, and goes on waiting when another was faster",
          "[kube]") {
    Bench bench;
    auto& script = *bench.server.script;
    script.default_answer([&](const http::Request& request) {
        const bool look = request.method == "GET";
        return fakes::FakeTransport::Answer{
            .response = {.status = look ? 200 : 409,
                         .headers = {},
                         .body = look ? lease("other", "4") : status(409, "Conflict")}};
    });
    const auto before = bench.time.now;
    std::stop_source stop;
    auto timing = bench.time.timing();
    int tries = 0;
    Leadership second(*bench.server.client,
                      {.key = {"oms", "l"}, .identity = "me"},
                      {.now = timing.now,
                       .wait =
                           [&](std::chrono::milliseconds length, const std::stop_token& token) {
                               if (++tries == 40) stop.request_stop();
                               timing.wait(length, token);
                           }},
                      [] { return kWall; });
    CHECK_THROWS_AS(second.acquire(stop.get_token()), Stopped);
    std::size_t looks = 0;
    for (const auto& line : script.lines()) {
        if (line.starts_with("PATCH")) break;
        ++looks;
    }
    CHECK(looks > 3);  // fifteen seconds of looks, at most 4.4 s apart
    CHECK(looks < script.lines().size());
    CHECK(bench.time.now - before > 15s);
}

}  // namespace oms::kube
