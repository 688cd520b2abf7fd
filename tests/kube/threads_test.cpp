// Goal: reflector, recorder and client may be used from several threads, and end when asked to.
// Method: a server that answers for ever, or hangs until it is told to stop; run under TSan.

#include "catch.hpp"
#include "kube/events.hpp"
#include "kube/watcher.hpp"
#include "objects.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace oms::kube {
namespace {

using Answer = fakes::FakeTransport::Answer;

void hang(const http::Request& request) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait(lock, request.stop, [] { return false; });
    throw Stopped{};
}

/// Counts, and lets a test wait for a count.
class Counter final : public WatchHandler {
public:
    void on_change(Change, const Seen&, std::string_view) override { add(changes_); }
    void on_deleted(const Seen&) override {}
    void on_synced() override {}
    void on_trouble(const std::string&) override {}

    void wait_for_changes(int count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return changes_ >= count; });
    }

private:
    void add(int& count) {
        const std::lock_guard lock(mutex_);
        ++count;
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    int changes_ = 0;
};

}  // namespace

TEST_CASE("a reflector's thread ends in the middle of a silent watch", "[kube]") {
    TestServer server;
    server.script->answer(200, list("1", {object("a", "u1", "1")}));
    server.script->stream({event("ADDED", object("b", "u2", "2"))}, hang);
    Counter counter;
    Reflector reflector(*server.client, "/apis/x", counter);
    reflector.start();
    counter.wait_for_changes(2);
}

TEST_CASE("a reflector's thread ends in the middle of a pause", "[kube]") {
    TestServer server;
    std::mutex mutex;
    std::condition_variable asked;
    bool was_asked = false;
    server.script->default_answer([&](const http::Request&) -> Answer {
        const std::lock_guard lock(mutex);
        was_asked = true;
        asked.notify_all();
        throw Transient("refused");
    });
    Counter counter;
    Reflector reflector(*server.client, "/apis/x", counter);
    reflector.start();
    std::unique_lock lock(mutex);
    asked.wait(lock, [&] { return was_asked; });
}

TEST_CASE("many threads record events and ask one client at once", "[kube]") {
    TestServer server(std::make_unique<BearerToken>(Secret("t")));
    server.script->default_answer(
        [](const http::Request&) { return Answer{.chunks = {object("e", "e", "1")}}; });
    std::atomic<int> found{0};
    {
        EventRecorder recorder(*server.client, "pod");
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread)
            threads.emplace_back([&, thread] {
                for (int i = 0; i < 50; ++i) {
                    recorder.record({.about = {"prod", "a"},
                                     .about_uid = std::to_string(thread),
                                     .reason = "R",
                                     .action = "A",
                                     .note = std::to_string(i)});
                    if (server.client->find("/x")) ++found;
                }
            });
    }
    CHECK(found == 200);
    // Everything recorded was written before the recorder ended: 25 for each of four resources.
    CHECK(server.script->requests().size() == 200 + 4 * 25);
}

}  // namespace oms::kube
