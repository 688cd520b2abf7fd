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
    Inbox inbox;

    explicit Bench(std::size_t lists = 1)
        : inbox({.changed = [this](const api::Key& key) { changed.push_back(key.name); },
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

TEST_CASE("what we wrote ourselves is not looked at, once", "[inbox]") {
    Bench bench;
    bench.inbox.on_first_list();
    bench.inbox.wrote({"default", "a"}, "7");
    bench.inbox.on_change(seen("a"), "{}");
    CHECK(bench.changed.empty());
    bench.inbox.on_change(seen("a"), "{}");
    CHECK(bench.changed == Names{"a"});
}

TEST_CASE("somebody else's write is looked at, though we wrote before", "[inbox]") {
    Bench bench;
    bench.inbox.on_first_list();
    bench.inbox.wrote({"default", "a"}, "6");
    bench.inbox.on_change(seen("a"), "{}");
    CHECK(bench.changed == Names{"a"});
}

TEST_CASE("a deleted resource is looked at", "[inbox]") {
    Bench bench;
    bench.inbox.on_first_list();
    bench.inbox.on_deleted(seen("a"));
    CHECK(bench.changed == Names{"a"});
}

}  // namespace
}  // namespace oms::controller
