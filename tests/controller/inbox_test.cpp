#include "controller/inbox.hpp"

#include "api/json.hpp"
#include "catch.hpp"
#include "tiny_world.hpp"

#include <nlohmann/json.hpp>

namespace oms::controller {
namespace {

struct Bench {
    std::vector<std::string> changed;
    std::vector<std::string> noted;
    std::map<std::string, std::string> object_of;
    Inbox inbox;

    explicit Bench(std::size_t lists = 1)
        : inbox({.changed =
                     [this](const api::Key& key, std::string_view object) {
                         changed.push_back(key.name);
                         object_of[key.name] = object;
                     },
                 .note = [this](const api::OmsUpgrade& one) { noted.push_back(one.key.name); }},
                lists) {}
};

kube::Seen seen(const std::string& name) {
    kube::Seen one;
    one.key = {"default", name};
    one.resource_version = "7";
    one.generation = 1;
    return one;
}

kube::Seen at_rest(const std::string& name) {
    kube::Seen one = seen(name);
    one.observed_generation = 1;
    one.outcome = "Succeeded";
    return one;
}

using Names = std::vector<std::string>;

TEST_CASE("whoever counts upgrades hears of those at rest too, and not of our own writes",
          "[inbox]") {
    Names told;
    Names gone;
    Inbox inbox(
        {.changed = [](const api::Key&, std::string_view) {},
         .note = [](const api::OmsUpgrade&) {},
         .told = [&](const kube::Seen& one, std::string_view) { told.push_back(one.key.name); },
         .gone = [&](const kube::Seen& one) { gone.push_back(one.key.name); }},
        1);
    inbox.on_change(at_rest("done"), "{}");
    inbox.on_change(seen("new"), "{}");
    CHECK(told == Names{"done", "new"});
    auto ours = seen("new");
    ours.resource_version = "8";
    inbox.on_write(ours.key);
    inbox.on_written(ours.key, "8");
    inbox.on_change(ours, "{}");
    CHECK(told == Names{"done", "new"});
    inbox.on_deleted(ours);
    CHECK(gone == Names{"new"});
}

TEST_CASE("nothing is handed on before every namespace was listed", "[inbox]") {
    Bench bench(2);
    bench.inbox.on_change(seen("a"), "{}");
    bench.inbox.on_first_list();
    bench.inbox.on_change(seen("b"), "{}");
    CHECK_FALSE(bench.inbox.is_open());
    CHECK(bench.changed.empty());
    bench.inbox.on_first_list();
    CHECK(bench.inbox.is_open());
    CHECK(bench.changed == Names{"a", "b"});
    bench.inbox.on_change(seen("c"), "{}");
    CHECK(bench.changed == Names{"a", "b", "c"});
}

TEST_CASE("a run that is found in flight is noted before anything is handed on", "[inbox]") {
    Bench bench;
    kube::Seen one = seen("one");
    one.observed_generation = 1;
    const auto text = api::to_json(tiny_upgrade("one", "oms_one")).dump();
    bench.inbox.on_change(one, text);
    CHECK(bench.noted == Names{"one"});
    bench.inbox.on_first_list();
    bench.inbox.on_change(one, text);
    CHECK(bench.noted == Names{"one"});
    CHECK(bench.changed == Names{"one", "one"});
}

TEST_CASE("what is at rest is not looked at", "[inbox]") {
    Bench bench;
    bench.inbox.on_first_list();
    bench.inbox.on_change(at_rest("done"), "{}");
    CHECK(bench.changed.empty());

    auto edited = at_rest("edited");
    edited.generation = 2;
    auto deleted = at_rest("deleted");
    deleted.deleting = true;
    auto held = at_rest("held");
    held.held = true;
    auto annotated = at_rest("annotated");
    annotated.annotations = 1;
    auto failed = at_rest("failed");
    failed.outcome = "Failed";
    for (const auto& one : {edited, deleted, held, annotated, failed})
        bench.inbox.on_change(one, "{}");
    CHECK(bench.changed == Names{"edited", "deleted", "held", "annotated", "failed"});
}

const api::Key kA{"default", "a"};

kube::Seen version(const std::string& resource_version) {
    kube::Seen one = seen("a");
    one.resource_version = resource_version;
    return one;
}

TEST_CASE("what we wrote ourselves is not looked at, once", "[inbox]") {
    Bench bench;
    bench.inbox.on_first_list();
    bench.inbox.on_write(kA);
    bench.inbox.on_written(kA, "7");
    bench.inbox.on_change(version("7"), "{}");
    CHECK(bench.changed.empty());
    bench.inbox.on_change(version("7"), "{}");
    CHECK(bench.changed == Names{"a"});
}

TEST_CASE("what we wrote is not looked at though the watch told of it before the answer came",
          "[inbox]") {
    Bench bench;
    bench.inbox.on_first_list();
    bench.inbox.on_write(kA);
    bench.inbox.on_change(version("7"), "{}");
    bench.inbox.on_written(kA, "7");
    CHECK(bench.changed.empty());
    bench.inbox.on_change(version("8"), "{}");
    CHECK(bench.changed == Names{"a"});
}

// Goal: no change of somebody else's is lost behind our own writes.
// Method: every order in which the versions can come while we write version 7.
TEST_CASE("somebody else's write is looked at, though we wrote too", "[inbox]") {
    Bench bench;
    bench.inbox.on_first_list();
    SECTION("before ours had begun") {
        bench.inbox.on_change(version("6"), "{}");
        CHECK(bench.changed == Names{"a"});
        return;
    }
    bench.inbox.on_write(kA);
    SECTION("meanwhile, and ours failed for it") {
        bench.inbox.on_change(version("6"), "{}");
        CHECK(bench.changed.empty());
        bench.inbox.on_written(kA, "");
    }
    SECTION("after ours, and both are told before our answer comes") {
        bench.inbox.on_change(version("7"), "{}");
        bench.inbox.on_change(version("8"), "{}");
        bench.inbox.on_written(kA, "7");
    }
    SECTION("after ours, which is told after our answer") {
        bench.inbox.on_written(kA, "7");
        bench.inbox.on_change(version("7"), "{}");
        CHECK(bench.changed.empty());
        bench.inbox.on_change(version("8"), "{}");
    }
    SECTION("while two of ours are under way") {
        bench.inbox.on_write(kA);
        bench.inbox.on_change(version("7"), "{}");
        bench.inbox.on_change(version("8"), "{}");
        bench.inbox.on_written(kA, "7");
        CHECK(bench.changed.empty());
        bench.inbox.on_written(kA, "");
    }
    CHECK(bench.changed == Names{"a"});
}

TEST_CASE("what ours came after needs no look of its own", "[inbox]") {
    Bench bench;
    bench.inbox.on_first_list();
    bench.inbox.on_write(kA);
    bench.inbox.on_change(version("6"), "{}");
    bench.inbox.on_change(version("7"), "{}");
    bench.inbox.on_written(kA, "7");
    CHECK(bench.changed.empty());
}

TEST_CASE("the text of a resource is handed on while there is nothing recorded about it",
          "[inbox]") {
    Bench bench;
    bench.inbox.on_first_list();
    bench.inbox.on_change(seen("new"), "{}");
    CHECK(bench.object_of["new"] == "{}");
    auto recorded = seen("recorded");
    recorded.observed_generation = 1;
    auto deleted = seen("deleted");
    deleted.deleting = true;
    auto held = seen("held");
    held.held = true;
    for (const auto& one : {recorded, deleted, held}) bench.inbox.on_change(one, "{}");
    bench.inbox.on_deleted(seen("gone"));
    CHECK(bench.changed == Names{"new", "recorded", "deleted", "held", "gone"});
    for (const char* name : {"recorded", "deleted", "held", "gone"})
        CHECK(bench.object_of[name].empty());
}

TEST_CASE("a deleted resource is looked at", "[inbox]") {
    Bench bench;
    bench.inbox.on_first_list();
    bench.inbox.on_deleted(seen("a"));
    CHECK(bench.changed == Names{"a"});
}

}  // namespace
}  // namespace oms::controller
