#include "controller/reconciler.hpp"

#include "catch.hpp"
#include "fakes/fake_store.hpp"
#include "tiny_world.hpp"

#include <thread>

namespace oms::controller {
namespace {

using api::Outcome;
using fakes::FakeStore;
using Names = std::set<std::string>;

const api::Key kOne{"default", "one"};
const api::Key kTwo{"default", "two"};

/// A reconciler, the store it works on, and the world it works in.
struct Bench {
    TinyWorld world;
    FakeStore store;
    std::vector<api::Key> freed;
    std::vector<std::string> recorded;  // phases, as they became durable
    Reconciler reconciler{{
        .store = store,
        .plan = tiny_plan(),
        .open_outside = [this](const api::OmsUpgrade&) { return world.open(); },
        .now = [] { return Clock::now(); },
        .on_record = [this](const api::OmsUpgrade& resource,
                            const api::Status&) { recorded.push_back(resource.status.phase); },
        .on_free = [this](const std::vector<api::Key>& keys) { freed = keys; },
    }};

    std::optional<Outcome> outcome(const api::Key& key) const {
        const auto status = store.at(key).status;
        return status.run ? status.run->outcome : std::nullopt;
    }

    /// What the slow lane does with a key, without its pauses.
    void run_to_the_end(const api::Key& key) {
        for (int i = 0; i < 100; ++i) {
            try {
                if (!reconciler.stretch(key, {}).again) return;
            } catch (const Transient&) {
                // As the queue does, it comes again.
            }
        }
        FAIL("it does not come to an end");
    }
};

bool is_held(const api::OmsUpgrade& resource) {
    return resource.finalizers == std::vector<std::string>{std::string(api::kFinalizer)};
}

TEST_CASE("a glance gives a new resource its first status and reaches nothing else",
          "[reconciler]") {
    Bench bench;
    bench.store.put(tiny_upgrade("one", "oms_one"));
    CHECK(bench.reconciler.glance(kOne) == Next::Step);
    const auto seen = bench.store.at(kOne);
    CHECK(seen.status.observed_generation == 1);
    CHECK(seen.status.run.has_value());
    CHECK(bench.store.writes() == 1);
    CHECK(bench.world.opened() == 0);

    CHECK(bench.reconciler.glance(kOne) == Next::Step);
    CHECK(bench.store.writes() == 1);
}

// Goal: a resource as a watch told of it is as good as one that was read.
// Method: told of a version that is no longer the store's, nothing may be written by it.
TEST_CASE("a glance at what was told a moment ago begins no run of an older version",
          "[reconciler]") {
    Bench bench;
    bench.store.put(tiny_upgrade("one", "oms_one"));
    const auto told = bench.store.at(kOne);
    SECTION("it is still so") {
        CHECK(bench.reconciler.glance(kOne, told) == Next::Step);
        CHECK(bench.store.at(kOne).status.run.has_value());
    }
    SECTION("it was edited since") {
        bench.store.edit(kOne, [](auto& resource) { resource.spec.paused = true; });
        CHECK_THROWS_AS(bench.reconciler.glance(kOne, told), Conflict);
        CHECK_FALSE(bench.store.at(kOne).status.run.has_value());
        CHECK(bench.reconciler.glance(kOne) == Next::Rest);
        CHECK(bench.store.at(kOne).status.phase == "Paused");
    }
    SECTION("it is gone, and another one wants its OMS") {
        bench.store.remove(kOne);
        CHECK_THROWS_AS(bench.reconciler.glance(kOne, told), Conflict);
        CHECK(bench.reconciler.glance(kOne) == Next::Rest);
        bench.store.put(tiny_upgrade("two", "oms_one"));
        CHECK(bench.reconciler.glance(kTwo) == Next::Step);
    }
}

TEST_CASE("the stretch after a glance sees what was changed between the two", "[reconciler]") {
    Bench bench;
    bench.store.put(tiny_upgrade("one", "oms_one"));
    REQUIRE(bench.reconciler.glance(kOne) == Next::Step);
    SECTION("a rollback was asked for") {
        bench.store.ask(kOne, Wish::RollBack);
        bench.run_to_the_end(kOne);
        CHECK(bench.outcome(kOne) == Outcome::RolledBack);
    }
    SECTION("it was deleted") {
        bench.store.remove(kOne);
        bench.run_to_the_end(kOne);
        CHECK_FALSE(bench.store.has(kOne));
    }
    CHECK(bench.world.pushes("oms_one") == 0);
}

TEST_CASE("a run goes to its end, and the finalizer goes with it", "[reconciler]") {
    Bench bench;
    bench.store.put(tiny_upgrade("one", "oms_one"));
    bool was_held = false;
    bench.store.fault = [&](int) {
        was_held = was_held || is_held(bench.store.at(kOne));
        return FakeStore::Fault::None;
    };
    bench.run_to_the_end(kOne);
    CHECK(bench.outcome(kOne) == Outcome::Succeeded);
    CHECK(bench.world.applied("oms_one") == Names{"C", "O"});
    CHECK(was_held);
    CHECK(bench.store.at(kOne).finalizers.empty());

    const int writes = bench.store.writes();
    CHECK(bench.reconciler.glance(kOne) == Next::Rest);
    CHECK(bench.store.writes() == writes);
}

TEST_CASE("nothing is held before the first phase that touches OMS", "[reconciler]") {
    Bench bench;
    bench.world.hide("oms_one");
    bench.store.put(tiny_upgrade("one", "oms_one"));
    const auto stretch = bench.reconciler.stretch(kOne, {});
    CHECK(stretch.again.has_value());
    CHECK(stretch.recorded);
    CHECK(stretch.untouched);
    CHECK(bench.store.at(kOne).finalizers.empty());

    const int writes = bench.store.writes();
    CHECK_FALSE(bench.reconciler.stretch(kOne, {}).recorded);
    CHECK(bench.store.writes() == writes);
}

// Goal: whoever writes in between, and whatever becomes of a write, the run ends in the same place,
// and no push was made that was not recorded first.
// Method: run a whole upgrade once per write it makes and have that one go wrong, each way.
TEST_CASE("a write that goes wrong changes nothing about the end", "[reconciler]") {
    const auto kind = GENERATE(0, 1, 2);
    for (int nth = 0;; ++nth) {
        Bench bench;
        bench.store.put(tiny_upgrade("one", "oms_one"));
        bool struck = false;
        bench.store.fault = [&](int write) {
            if (write != nth) return FakeStore::Fault::None;
            struck = true;
            if (kind == 0) return FakeStore::Fault::Refuse;
            if (kind == 1) return FakeStore::Fault::LoseAnswer;
            bench.store.edit(kOne, [](auto& one) { one.labels["touched"] = "yes"; });
            return FakeStore::Fault::None;
        };
        bench.run_to_the_end(kOne);
        if (!struck) break;
        INFO("write " << nth << ", kind " << kind);
        CHECK(bench.outcome(kOne) == Outcome::Succeeded);
        CHECK(bench.world.applied("oms_one") == Names{"C", "O"});
        CHECK(bench.world.pushes("oms_one") == 2);
        CHECK(bench.store.at(kOne).finalizers.empty());
    }
}

TEST_CASE("an edit in flight does not bend the run, and is taken up after it", "[reconciler]") {
    Bench bench;
    bench.store.put(tiny_upgrade("one", "oms_one"));
    bench.store.fault = [&](int write) {
        if (write == 3)
            bench.store.edit(kOne, [](auto& one) { one.spec.nodes[0].container = "oms_other"; });
        return FakeStore::Fault::None;
    };
    bench.run_to_the_end(kOne);
    CHECK(bench.world.applied("oms_one") == Names{"C", "O"});
    CHECK(bench.world.applied("oms_other") == Names{"C", "O"});
    CHECK(bench.store.at(kOne).status.run->generation == 2);
    CHECK(bench.outcome(kOne) == Outcome::Succeeded);
}

// Goal: a resource deleted at any moment of its run is let go when OMS is as it was.
// Method: delete it before each write in turn.
TEST_CASE("a resource that is deleted in flight goes when everything is put back", "[reconciler]") {
    for (int nth = 1;; ++nth) {
        Bench bench;
        bench.store.put(tiny_upgrade("one", "oms_one"));
        bool deleted = false;
        bench.store.fault = [&](int write) {
            if (write == nth && !deleted) {
                deleted = true;
                bench.store.remove(kOne);
            }
            return FakeStore::Fault::None;
        };
        bench.run_to_the_end(kOne);
        if (!deleted) break;
        INFO("deleted at write " << nth);
        CHECK_FALSE(bench.store.has(kOne));
        const bool had_ended = bench.world.applied("oms_one") == Names{"C", "O"};
        if (!had_ended) CHECK(bench.world.applied("oms_one").empty());
    }
}

TEST_CASE("a second resource for the same OMS waits, says for whom, and is called",
          "[reconciler]") {
    Bench bench;
    bench.store.put(tiny_upgrade("one", "oms_one"));
    bench.store.put(tiny_upgrade("two", "oms_one"));
    CHECK(bench.reconciler.glance(kOne) == Next::Step);
    CHECK(bench.reconciler.glance(kTwo) == Next::Rest);
    CHECK(bench.store.at(kTwo).status.message.find("default/one") != std::string::npos);
    CHECK_FALSE(bench.store.at(kTwo).status.run.has_value());
    CHECK(bench.freed.empty());

    bench.run_to_the_end(kOne);
    CHECK(bench.freed == std::vector{kTwo});
    CHECK(bench.reconciler.glance(kTwo) == Next::Step);
}

TEST_CASE("a run that was found in flight has its OMS, whoever is looked at first",
          "[reconciler]") {
    Bench bench;
    bench.store.put(tiny_upgrade("one", "oms_one"));
    {
        Bench before;
        before.store.put(tiny_upgrade("one", "oms_one"));
        before.reconciler.glance(kOne);
        bench.store.put(before.store.at(kOne));
    }
    bench.store.put(tiny_upgrade("two", "oms_one"));
    bench.reconciler.note(bench.store.at(kOne));
    CHECK(bench.reconciler.glance(kTwo) == Next::Rest);
    CHECK_FALSE(bench.store.at(kTwo).status.run.has_value());
}

// Goal: an OMS is upgraded once, also where two resources name a node each and discover the other.
// Method: when both runs have begun, each is given the other's node, as Precheck would.
TEST_CASE("of two runs that discovered each other's nodes only one goes on", "[reconciler]") {
    Bench bench;
    bench.store.put(tiny_upgrade("one", "oms_one"));
    bench.store.put(tiny_upgrade("two", "oms_two"));
    REQUIRE(bench.reconciler.glance(kOne) == Next::Step);
    REQUIRE(bench.reconciler.glance(kTwo) == Next::Step);
    const auto discover = [&](const api::Key& key, const std::string& container) {
        bench.store.edit(key, [&](api::OmsUpgrade& resource) {
            auto& nodes = resource.status.run->spec.nodes;
            nodes.push_back(nodes.front());
            nodes.back().container = container;
        });
    };
    discover(kOne, "oms_two");
    discover(kTwo, "oms_one");

    bench.run_to_the_end(kOne);
    CHECK(bench.outcome(kOne) == Outcome::Refused);
    CHECK(bench.store.at(kOne).status.message.find("default/two") != std::string::npos);
    CHECK(bench.world.pushes("oms_one") == 0);

    bench.run_to_the_end(kTwo);
    CHECK(bench.outcome(kTwo) == Outcome::Succeeded);
}

TEST_CASE("a waiting resource may go on when the one before it is deleted", "[reconciler]") {
    Bench bench;
    bench.store.put(tiny_upgrade("one", "oms_one"));
    bench.store.put(tiny_upgrade("two", "oms_one"));
    bench.reconciler.glance(kOne);
    bench.reconciler.glance(kTwo);
    bench.store.remove(kOne);
    CHECK(bench.reconciler.glance(kOne) == Next::Rest);
    CHECK(bench.freed == std::vector{kTwo});
}

TEST_CASE("an upgrade that is half understood is left alone", "[reconciler]") {
    Bench bench;
    auto resource = tiny_upgrade("one", "oms_one");
    resource.problems.push_back({.path = "status.run.cursor.goal", .message = "is unknown"});
    bench.store.put(resource);
    CHECK_THROWS_AS(bench.reconciler.glance(kOne), Terminal);
    CHECK_THROWS_AS(bench.reconciler.stretch(kOne, {}), Terminal);
    CHECK(bench.store.writes() == 0);
    CHECK(bench.world.opened() == 0);
}

TEST_CASE("a bad spec is told and not carried out", "[reconciler]") {
    Bench bench;
    auto resource = tiny_upgrade("one", "oms_one");
    resource.spec.target_version = "soon";
    bench.store.put(resource);
    CHECK(bench.reconciler.glance(kOne) == Next::Rest);
    CHECK(bench.store.at(kOne).status.message.find("targetVersion") != std::string::npos);
    CHECK_FALSE(bench.store.at(kOne).status.run.has_value());
}

// Goal: a rollback or a deletion does not wait for the end of a push of hours.
// Method: a push that ends only when it is told to.
TEST_CASE("what is asked for in the middle of a push interrupts it", "[reconciler][threads]") {
    const bool by_deletion = GENERATE(false, true);
    Bench bench;
    bench.world.block("oms_one");
    bench.store.put(tiny_upgrade("one", "oms_one"));
    std::thread lane([&] { bench.run_to_the_end(kOne); });
    const bool pushing = bench.world.wait_for_push("oms_one");
    CHECK(bench.reconciler.glance(kOne) == Next::Step);  // nothing asks for an end yet
    if (by_deletion) {
        bench.store.remove(kOne);
    } else {
        bench.store.ask(kOne, Wish::RollBack);
    }
    bench.reconciler.glance(kOne);
    lane.join();
    REQUIRE(pushing);
    CHECK(bench.world.applied("oms_one").empty());
    if (by_deletion) {
        CHECK_FALSE(bench.store.has(kOne));
    } else {
        CHECK(bench.outcome(kOne) == Outcome::RolledBack);
    }
}

/// Two operators that share a fleet by a label, and its store.
struct Fleet {
    TinyWorld world;
    FakeStore store;
    Reconciler bank = of("bank");
    Reconciler shop = of("shop");

    Reconciler of(const std::string& team) {
        return Reconciler({
            .store = store,
            .plan = tiny_plan(),
            .open_outside = [this](const api::OmsUpgrade&) { return world.open(); },
            .now = [] { return Clock::now(); },
            .scope = {.name = "oms-system/" + team,
                      .covers =
                          [team](const api::OmsUpgrade& resource) {
                              const auto label = resource.labels.find("team");
                              return label != resource.labels.end() && label->second == team;
                          }},
        });
    }

    void put() {
        auto resource = tiny_upgrade("one", "oms_one");
        resource.labels["team"] = "bank";
        store.put(resource);
    }
    void give_to_shop() {
        store.edit(kOne, [](auto& resource) { resource.labels["team"] = "shop"; });
    }
    std::string holder() { return store.at(kOne).status.run->held_by; }
};

TEST_CASE("what another operator's labels choose is left alone", "[reconciler]") {
    Fleet fleet;
    fleet.put();
    CHECK(fleet.shop.glance(kOne) == Next::Rest);
    CHECK_FALSE(fleet.shop.stretch(kOne, {}).again.has_value());
    CHECK(fleet.store.writes() == 0);
    CHECK(fleet.bank.glance(kOne) == Next::Step);
    CHECK(fleet.holder() == "oms-system/bank");
}

TEST_CASE("a run that nobody holds is marked before it is worked on", "[reconciler]") {
    Fleet fleet;
    fleet.put();
    fleet.bank.glance(kOne);
    fleet.store.edit(kOne, [](auto& resource) { resource.status.run->held_by.clear(); });
    fleet.store.fault = [](int) { return FakeStore::Fault::Refuse; };
    CHECK_THROWS_AS(fleet.bank.glance(kOne), Transient);
    CHECK(fleet.world.opened() == 0);
}

// Goal: labels that change in the middle of a push neither lose the run nor have two work at it.
// Method: the push lasts until it is told to stop; the other operator is told of the labels first.
TEST_CASE("a run whose labels change goes over at a safe point, and is held all the while",
          "[reconciler][threads]") {
    Fleet fleet;
    fleet.world.block("oms_one");
    fleet.put();
    std::thread lane([&] { fleet.bank.stretch(kOne, {}); });
    const bool pushing = fleet.world.wait_for_push("oms_one");
    fleet.give_to_shop();
    const int pushes = fleet.world.pushes("oms_one");
    const Next too_early = fleet.shop.glance(kOne);
    fleet.shop.stretch(kOne, {});
    const int pushes_then = fleet.world.pushes("oms_one");
    const std::string holder_then = fleet.holder();
    fleet.bank.glance(kOne);
    lane.join();
    REQUIRE(pushing);
    CHECK(too_early == Next::Rest);
    CHECK(pushes_then == pushes);
    CHECK(holder_then == "oms-system/bank");
    CHECK(fleet.holder().empty());
    CHECK(is_held(fleet.store.at(kOne)));

    CHECK(fleet.bank.glance(kOne) == Next::Rest);
    CHECK(fleet.shop.glance(kOne) == Next::Step);
    CHECK(fleet.holder() == "oms-system/shop");
    const int before = fleet.store.writes();
    CHECK(fleet.bank.glance(kOne) == Next::Rest);
    fleet.bank.stretch(kOne, {});
    CHECK(fleet.store.writes() == before);
    while (fleet.shop.stretch(kOne, {}).again) {}
    CHECK(fleet.store.at(kOne).status.run->outcome == Outcome::Succeeded);
    CHECK(fleet.world.applied("oms_one") == Names{"C", "O"});
}

TEST_CASE("a run whose labels changed while nobody looked is handed over by a stretch",
          "[reconciler]") {
    Fleet fleet;
    fleet.put();
    fleet.bank.glance(kOne);
    fleet.give_to_shop();
    CHECK(fleet.bank.glance(kOne) == Next::Step);  // a glance cannot know what is under way
    CHECK(fleet.holder() == "oms-system/bank");
    fleet.bank.stretch(kOne, {});
    CHECK(fleet.holder().empty());
    CHECK(fleet.world.pushes("oms_one") == 0);
}

TEST_CASE("an operator that shares with nobody goes on with whatever was in somebody's hands",
          "[reconciler]") {
    Fleet fleet;
    fleet.put();
    fleet.bank.glance(kOne);
    Bench alone;
    alone.store.put(fleet.store.at(kOne));
    alone.run_to_the_end(kOne);
    CHECK(alone.outcome(kOne) == Outcome::Succeeded);
}

TEST_CASE("asked to stop, a stretch ends where the next one can go on", "[reconciler][threads]") {
    Bench bench;
    bench.world.block("oms_one");
    bench.store.put(tiny_upgrade("one", "oms_one"));
    std::stop_source stop;
    std::thread lane([&] { bench.reconciler.stretch(kOne, stop.get_token()); });
    const bool pushing = bench.world.wait_for_push("oms_one");
    stop.request_stop();
    lane.join();
    REQUIRE(pushing);
    CHECK_FALSE(bench.outcome(kOne).has_value());
    bench.run_to_the_end(kOne);
    CHECK(bench.outcome(kOne) == Outcome::Succeeded);
}

}  // namespace
}  // namespace oms::controller
