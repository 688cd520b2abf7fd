#include "controller/lanes.hpp"

#include "catch.hpp"
#include "fakes/fake_store.hpp"
#include "tiny_world.hpp"

#include <condition_variable>
#include <map>
#include <mutex>

namespace oms::controller {
namespace {

using namespace std::chrono_literals;
using api::Outcome;
using fakes::FakeStore;
using Resources = std::map<api::Key, api::OmsUpgrade>;

api::Key key_of(const std::string& name) {
    return {"default", name};
}

bool has_ended(const Resources& resources, const std::string& name, Outcome how) {
    const auto at = resources.find(key_of(name));
    return at != resources.end() && at->second.status.run && at->second.status.run->outcome == how;
}

/// The cluster home without a cluster.
struct Bench {
    TinyWorld world;
    FakeStore store;
    Lanes* running = nullptr;
    Reconciler reconciler{{
        .store = store,
        .plan = tiny_plan(),
        .open_outside = [this](const api::OmsUpgrade&) { return world.open(); },
        .now = [] { return Clock::now(); },
        .on_free =
            [this](const std::vector<api::Key>& keys) {
                for (const auto& key : keys) running->changed(key);
            },
    }};
    Lanes lanes{reconciler, {.glances = 2, .stretches = 4}};

    Bench() { running = &lanes; }

    void apply(const std::string& name, const std::string& container) {
        store.put(tiny_upgrade(name, container));
        lanes.changed(key_of(name));
    }
};

// Goal: a long push delays no other resource.
// Method: a push that lasts until it is told to stop; every other upgrade must end meanwhile.
TEST_CASE("a push that never ends delays nobody", "[lanes][threads]") {
    Bench bench;
    bench.world.block("oms_slow");
    bench.apply("slow", "oms_slow");
    REQUIRE(bench.world.wait_for_push("oms_slow"));
    for (const char* name : {"a", "b", "c", "d", "e", "f"})
        bench.apply(name, name + std::string("_oms"));
    CHECK(bench.store.wait_until([](const Resources& resources) {
        return has_ended(resources, "a", Outcome::Succeeded) &&
               has_ended(resources, "f", Outcome::Succeeded);
    }));
    CHECK_FALSE(bench.store.at(key_of("slow")).status.run->outcome.has_value());
}

TEST_CASE("how each look ended is told", "[lanes][threads]") {
    Bench bench;
    std::mutex mutex;
    std::condition_variable changed;
    std::map<LookEnd, int> glances;
    std::map<LookEnd, int> stretches;
    const auto count = [&](std::map<LookEnd, int>& ends) {
        return [&](LookEnd end) {
            const std::lock_guard lock(mutex);
            ++ends[end];
            changed.notify_all();
        };
    };
    Lanes lanes(bench.reconciler,
                {.glances = 1, .stretches = 2},
                {.glances = {.looked = count(glances)}, .stretches = {.looked = count(stretches)}});
    bench.store.put(tiny_upgrade("good", "oms_good"));
    bench.world.hide("oms_lost");
    bench.store.put(tiny_upgrade("lost", "oms_lost"));
    lanes.changed(key_of("good"));
    lanes.changed(key_of("lost"));
    lanes.changed({"default", "nobody"});
    std::unique_lock lock(mutex);
    CHECK(changed.wait_for(lock, 60s, [&] {
        return glances[LookEnd::Success] == 3 && stretches[LookEnd::Success] >= 1 &&
               stretches[LookEnd::Requeue] + stretches[LookEnd::RequeueAfter] >= 1;
    }));
}

TEST_CASE("a host that does not answer delays nobody", "[lanes][threads]") {
    Bench bench;
    for (int i = 0; i < 20; ++i) {
        const std::string name = "lost" + std::to_string(i);
        bench.world.hide(name);
        bench.apply(name, name);
    }
    bench.apply("good", "oms_good");
    CHECK(bench.store.wait_until([](const Resources& resources) {
        return has_ended(resources, "good", Outcome::Succeeded);
    }));
}

TEST_CASE("a thousand at once all get their first status, whatever is at work",
          "[lanes][threads]") {
    Bench bench;
    for (const char* name : {"s1", "s2", "s3", "s4"}) {
        bench.world.block(name);
        bench.apply(name, name);
    }
    for (const char* name : {"s1", "s2", "s3", "s4"}) REQUIRE(bench.world.wait_for_push(name));
    // Every place of the slow lane is taken, for good.
    for (int i = 0; i < 1000; ++i) bench.apply("n" + std::to_string(i), "n" + std::to_string(i));
    CHECK(bench.store.wait_until([](const Resources& resources) {
        return std::all_of(resources.begin(), resources.end(), [](const auto& one) {
            return one.second.status.observed_generation == 1;
        });
    }));
}

TEST_CASE("a waiting resource begins by itself when its OMS is free", "[lanes][threads]") {
    Bench bench;
    bench.world.block("oms");
    bench.apply("first", "oms");
    REQUIRE(bench.world.wait_for_push("oms"));
    bench.apply("second", "oms");
    REQUIRE(bench.store.wait_until([](const Resources& resources) {
        return resources.at(key_of("second")).status.message.find("default/first") !=
               std::string::npos;
    }));
    bench.store.ask(key_of("first"), Wish::RollBack);
    bench.lanes.changed(key_of("first"));
    CHECK(bench.store.wait_until([](const Resources& resources) {
        return has_ended(resources, "first", Outcome::RolledBack) &&
               has_ended(resources, "second", Outcome::Succeeded);
    }));
}

TEST_CASE("asked to stop, every push ends at once and nothing new begins", "[lanes][threads]") {
    Bench bench;
    for (const char* name : {"oms_a", "oms_b"}) {
        bench.world.block(name);
        bench.apply(name, name);
    }
    for (const char* name : {"oms_a", "oms_b"}) REQUIRE(bench.world.wait_for_push(name));
    bench.lanes.stop();
    CHECK(bench.lanes.wait(60s));
    const int writes = bench.store.writes();
    bench.apply("late", "oms_late");
    CHECK(bench.lanes.wait(60s));
    CHECK(bench.store.writes() == writes);
}

TEST_CASE("an API server that fails is tried again", "[lanes][threads]") {
    Bench bench;
    bench.store.fault = [](int write) {
        return write % 2 == 0 ? FakeStore::Fault::Refuse : FakeStore::Fault::None;
    };
    bench.apply("one", "oms_one");
    CHECK(bench.store.wait_until([](const Resources& resources) {
        return has_ended(resources, "one", Outcome::Succeeded);
    }));
}

}  // namespace
}  // namespace oms::controller
