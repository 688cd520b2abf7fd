#include "kube/events.hpp"

#include "catch.hpp"
#include "objects.hpp"

#include <nlohmann/json.hpp>

namespace oms::kube {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

Event event_of(const std::string& note, const std::string& uid = "u1") {
    return {.about = {"prod", "to-431"},
            .about_uid = uid,
            .type = EventType::Warning,
            .reason = "RolledBack",
            .action = "StartOMS",
            .note = note};
}

bool creates(const EventLog::Decision& decision) {
    return std::holds_alternative<EventLog::Create>(decision);
}

bool drops(const EventLog::Decision& decision) {
    return std::holds_alternative<EventLog::Drop>(decision);
}

}  // namespace

TEST_CASE("the same event within ten minutes counts up the first one", "[kube]") {
    EventLog log;
    Instant now{100h};
    CHECK(creates(log.decide(event_of("a"), now)));
    log.on_created(event_of("a"), "e1", now);
    const auto again = log.decide(event_of("a"), now + 9min);
    REQUIRE(std::holds_alternative<EventLog::Repeat>(again));
    CHECK(std::get<EventLog::Repeat>(again).name == "e1");
    CHECK(std::get<EventLog::Repeat>(again).count == 2);
    CHECK(creates(log.decide(event_of("b"), now + 9min)));
    CHECK(creates(log.decide(event_of("a"), now + 19min)));
}

TEST_CASE("a resource gets 25 events at once and one more each five minutes", "[kube]") {
    EventLog log;
    const Instant now{100h};
    for (int i = 0; i < 25; ++i) CHECK(creates(log.decide(event_of(std::to_string(i)), now)));
    CHECK(drops(log.decide(event_of("x"), now)));
    CHECK(creates(log.decide(event_of("x", "u2"), now)));  // another resource has its own
    CHECK(drops(log.decide(event_of("x"), now + 299s)));
    CHECK(creates(log.decide(event_of("x"), now + 301s)));
    CHECK(drops(log.decide(event_of("x"), now + 302s)));
}

TEST_CASE("from the tenth on, events that differ in their notes alone are combined", "[kube]") {
    EventLog log;
    Instant now{100h};
    const auto gathered = [&](int i) { return log.gather(event_of(std::to_string(i)), now); };
    for (int i = 1; i <= 9; ++i) CHECK(gathered(i).note == std::to_string(i));
    const auto tenth = gathered(10);
    CHECK(tenth.note == "(combined from similar events): 10");
    CHECK(gathered(3).note == "3");  // it has an event of its own already
    CHECK(creates(log.decide(tenth, now)));
    log.on_created(tenth, "e10", now);
    const auto next = log.decide(gathered(11), now + 1min);
    REQUIRE(std::holds_alternative<EventLog::Repeat>(next));
    CHECK(std::get<EventLog::Repeat>(next).name == "e10");

    auto other = event_of("12");
    other.reason = "Held";
    CHECK(log.gather(other, now).note == "12");
    CHECK(log.gather(event_of("12", "u2"), now).note == "12");
    now += 10min;
    CHECK(gathered(12).note == "12");
}

TEST_CASE("only the latest events and resources are remembered", "[kube]") {
    EventLog log;
    const Instant now{100h};
    for (std::size_t i = 0; i <= EventLog::kRemembered; ++i) {
        const auto event = event_of("a", std::to_string(i));
        REQUIRE(creates(log.decide(event, now)));
        log.on_created(event, "e", now);
    }
    CHECK(creates(log.decide(event_of("a", "0"), now)));
    CHECK_FALSE(creates(log.decide(event_of("a", "4096"), now)));
}

TEST_CASE("events are written as events.k8s.io/v1 wants them", "[kube]") {
    TestServer server;
    server.script->answer(201, object("to-431.1", "e1", "5"));
    server.script->answer(200, "{}");
    EventRecorder recorder(
        *server.client, "pod-1", real_timing(), [] { return Time{1763877095s}; });
    std::string note(1022, 'x');
    recorder.record(event_of(note + "✓"));
    recorder.record(event_of(note + "✓"));
    recorder.flush();
    const auto requests = server.script->requests();
    REQUIRE(requests.size() == 2);
    CHECK(requests[0].target == "/apis/events.k8s.io/v1/namespaces/prod/events");
    const auto body = Json::parse(requests[0].body);
    CHECK(body["metadata"]["name"] == "to-431.187a8cdf5aec4600");
    CHECK(body["note"] == note);  // cut before the character that does not fit
    CHECK(body["eventTime"] == "2025-11-23T05:51:35.000000Z");
    CHECK(body["type"] == "Warning");
    CHECK(body["regarding"]["uid"] == "u1");
    CHECK(body["reportingInstance"] == "pod-1");
    CHECK(requests[1].method == "PATCH");
    CHECK(requests[1].target.ends_with("/events/to-431.187a8cdf5aec4600"));
    CHECK(Json::parse(requests[1].body)["series"]["count"] == 2);
}

TEST_CASE("an event whose first one is gone is created anew", "[kube]") {
    TestServer server;
    server.script->answer(201, object("e1", "e1", "5"));
    server.script->answer(404, status(404, "NotFound"));
    server.script->answer(201, object("e2", "e2", "6"));
    EventRecorder recorder(*server.client, "pod-1");
    recorder.record(event_of("a"));
    recorder.record(event_of("a"));
    recorder.flush();
    CHECK(server.script->requests().back().method == "POST");
}

TEST_CASE("an API server that takes no events is no trouble, and none holds up the end", "[kube]") {
    TestServer server;
    server.script->answer(403, status(403, "Forbidden"));
    server.script->answer(500, "");
    {
        EventRecorder recorder(*server.client, "pod-1");
        recorder.record(event_of("a"));
        recorder.record(event_of("b"));
        recorder.flush();
    }
    CHECK(server.script->requests().size() == 2);
}

}  // namespace oms::kube
