#include "controller/work_queue.hpp"

#include "catch.hpp"

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace oms::controller {
namespace {

using namespace std::chrono_literals;

const api::Key kA{"default", "a"};
const api::Key kB{"default", "b"};

/// A queue whose time passes when the test says so.
struct Bench {
    WorkQueue::Steady::time_point now{};
    WorkQueue queue{[this] { return now; }};

    bool is_empty() { return !queue.try_take().has_value(); }
};

TEST_CASE("a key stands in the queue once, in its turn", "[queue]") {
    Bench bench;
    bench.queue.add(kA);
    bench.queue.add(kB);
    bench.queue.add(kA);
    CHECK(bench.queue.try_take() == kA);
    CHECK(bench.queue.try_take() == kB);
    CHECK(bench.is_empty());
}

TEST_CASE("a key at work is handed to nobody else, and comes again when it was added", "[queue]") {
    Bench bench;
    bench.queue.add(kA);
    REQUIRE(bench.queue.try_take() == kA);
    bench.queue.add(kA);
    bench.queue.add(kA);
    CHECK(bench.is_empty());
    bench.queue.done(kA);
    CHECK(bench.queue.try_take() == kA);
    bench.queue.done(kA);
    CHECK(bench.is_empty());
}

TEST_CASE("a queue tells what happens to its keys, and how it stands", "[queue]") {
    WorkQueue::Steady::time_point now{};
    std::vector<std::string> told;
    const auto in_seconds = [](QueueListener::Duration length) {
        return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(length).count());
    };
    WorkQueue queue([&] { return now; },
                    {.added = [&] { told.emplace_back("added"); },
                     .retried = [&] { told.emplace_back("retried"); },
                     .taken = [&](auto waited) { told.push_back("taken " + in_seconds(waited)); },
                     .done = [&](auto worked) { told.push_back("done " + in_seconds(worked)); }});
    queue.add(kA);
    queue.add(kA);
    queue.add(kB);
    CHECK(queue.standing().depth == 2);
    now += 2s;
    REQUIRE(queue.try_take() == kA);
    now += 3s;
    REQUIRE(queue.try_take() == kB);
    now += 1s;
    queue.add(kA);  // comes again when it is done
    const auto standing = queue.standing();
    CHECK(standing.depth == 1);
    CHECK(standing.at_work == 2);
    CHECK(standing.unfinished == 5s);
    CHECK(standing.longest == 4s);
    queue.done(kA);
    queue.retry(kB);
    CHECK(told == std::vector<std::string>{
                      "added", "added", "taken 2", "taken 5", "added", "done 4", "retried"});
}

TEST_CASE("a delayed key comes when it is due, at the earliest of its times", "[queue]") {
    Bench bench;
    bench.queue.add_after(kA, 10s);
    bench.queue.add_after(kA, 5s);
    bench.queue.add_after(kA, 20s);
    bench.now += 4s;
    CHECK(bench.is_empty());
    bench.now += 1s;
    CHECK(bench.queue.try_take() == kA);
    bench.queue.done(kA);
    bench.now += 60s;
    CHECK(bench.is_empty());
}

TEST_CASE("a change makes a delay void", "[queue]") {
    Bench bench;
    bench.queue.add_after(kA, 10s);
    bench.queue.add(kA);
    CHECK(bench.queue.try_take() == kA);
    bench.queue.done(kA);
    bench.now += 60s;
    CHECK(bench.is_empty());
}

TEST_CASE("keys that are due at one time are all handed out", "[queue]") {
    Bench bench;
    bench.queue.add_after(kA, 5s);
    bench.queue.add_after(kB, 5s);
    bench.queue.add(kA);
    CHECK(bench.queue.try_take() == kA);
    CHECK(bench.is_empty());
    bench.now += 5s;
    CHECK(bench.queue.try_take() == kB);
}

TEST_CASE("a delayed key that falls due while it is at work comes afterwards", "[queue]") {
    Bench bench;
    bench.queue.add(kA);
    REQUIRE(bench.queue.try_take() == kA);
    bench.queue.add_after(kA, 1s);
    bench.now += 2s;
    CHECK(bench.is_empty());
    bench.queue.done(kA);
    CHECK(bench.queue.try_take() == kA);
}

TEST_CASE("a key that keeps failing waits twice as long each time, until it is forgotten",
          "[queue]") {
    Bench bench;
    const auto wait_of_retry = [&](WorkQueue::Waits waits = {}) {
        bench.queue.retry(kA, waits);
        const auto before = bench.now;
        while (bench.is_empty()) bench.now += 5ms;
        bench.queue.done(kA);
        return bench.now - before;
    };
    CHECK(wait_of_retry() == 5ms);
    CHECK(wait_of_retry() == 10ms);
    CHECK(wait_of_retry() == 20ms);
    CHECK(wait_of_retry({.first = 1s, .longest = 5s}) == 5s);
    bench.queue.forget(kA);
    CHECK(wait_of_retry() == 5ms);
    for (int i = 0; i < 40; ++i) wait_of_retry();
    CHECK(wait_of_retry() == WorkQueue::kLongestRetry);
}

TEST_CASE("a queue that is shut down hands nothing out", "[queue]") {
    Bench bench;
    bench.queue.add(kA);
    bench.queue.shut_down();
    CHECK(bench.is_empty());
    CHECK_FALSE(bench.queue.take().has_value());
}

TEST_CASE("a lull is when nothing is due and nothing is at work", "[queue][threads]") {
    WorkQueue queue;
    queue.wait_for_lull(1h);
    queue.add_after(kB, 1h);
    queue.wait_for_lull(1h);
    queue.add(kA);
    queue.wait_for_lull(1ms);
    CHECK(queue.try_take() == kA);
    queue.wait_for_lull(1ms);
    std::thread worker([&] { queue.done(kA); });
    queue.wait_for_lull(1h);
    worker.join();
    queue.add(kA);
    std::thread stopper([&] { queue.shut_down(); });
    queue.wait_for_lull(1h);
    stopper.join();
}

// Goal: no key is lost and none is at work twice at once.
// Method: several workers, several adders, and a counter per key.
TEST_CASE("many workers share the keys without losing or doubling one", "[queue][threads]") {
    constexpr int kKeys = 20;
    constexpr int kRounds = 200;
    WorkQueue queue;
    std::vector<std::atomic<int>> at_work(kKeys);
    std::atomic<int> doubled = 0;
    std::atomic<int> handed_out = 0;
    std::vector<std::thread> threads;
    for (int worker = 0; worker < 4; ++worker)
        threads.emplace_back([&] {
            while (const auto key = queue.take()) {
                auto& mine = at_work.at(static_cast<std::size_t>(std::stoi(key->name)));
                if (mine.fetch_add(1) != 0) ++doubled;
                ++handed_out;
                mine.fetch_sub(1);
                queue.done(*key);
            }
        });
    {
        std::vector<std::thread> adders;
        for (int adder = 0; adder < 2; ++adder)
            adders.emplace_back([&] {
                for (int i = 0; i < kRounds * kKeys; ++i) {
                    const api::Key key{"default", std::to_string(i % kKeys)};
                    i % 3 == 0 ? queue.add_after(key, 1ms) : queue.add(key);
                }
            });
        for (auto& adder : adders) adder.join();
    }
    while (queue.waiting() > 0) std::this_thread::yield();
    queue.shut_down();
    for (auto& thread : threads) thread.join();
    CHECK(doubled == 0);
    CHECK(handed_out >= kKeys);
}

}  // namespace
}  // namespace oms::controller
