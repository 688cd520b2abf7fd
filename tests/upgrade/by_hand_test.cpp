// Goal: what ran on the files of an OMS is told from what only lies beside it.
// Method: an old container, and one other that differs in one thing at a time.

#include "catch.hpp"
#include "fakes/voyage.hpp"
#include "upgrade/prechecks/rules.hpp"

namespace oms::upgrade {
namespace {

using namespace std::chrono_literals;

const Time kMorning{std::chrono::seconds{1'700'000'000}};
constexpr auto kRunLabel = "oms.oceanbase.com/run";

struct Beside {
    Target target{.run_id = "uid-2", .spec = fakes::smallest_upgrade().spec};
    NodeSurvey node;
    runtime::Container other;

    Beside() {
        target.to = *parse_version("4.3.1");
        node.container = runtime::Container{.id = "old",
                                            .name = "oms_430",
                                            .image = "oms:feature_4.3.0",
                                            .image_id = "sha256:old",
                                            .state = "running",
                                            .running = true,
                                            .started_at = kMorning};
        node.container->mounts = {{"/data/config.yaml", "/home/admin/conf/config.yaml"},
                                  {"/data/store", "/home/ds/store"}};
        node.image = runtime::Image{.id = "sha256:new"};
        other = *node.container;
        other.id = "other";
        other.name = "whatever";
        other.image = "oms:feature_4.3.1";
        other.image_id = "sha256:new";
        other.state = "exited";
        other.running = false;
        other.started_at = kMorning - 1h;
        other.finished_at = kMorning - 30min;
    }

    bool is_newcomer() const { return is_of_new_version(target, node, other); }
};

TEST_CASE("an OMS of the new version that ran on our files is found under any name", "[by-hand]") {
    Beside beside;
    CHECK(beside.is_newcomer());
    SECTION("by its image's id, whatever it was called") {
        beside.other.image = "sha256:new";
        CHECK(beside.is_newcomer());
    }
    SECTION("as another build") {
        beside.other.image = "oms:feature_4.3.1_bp1";
        beside.other.image_id = "sha256:build";
        CHECK(beside.is_newcomer());
    }
    SECTION("as a version that lies between") {
        beside.other.image_id = "sha256:between";
        beside.other.image = "oms:feature_4.3.2";
        CHECK(beside.is_newcomer());
    }
    SECTION("never started") {
        beside.other.started_at.reset();
        beside.other.finished_at.reset();
        CHECK(beside.is_newcomer());
    }
    SECTION("with a config.yaml of its own, on our store") {
        beside.other.mounts.front().source = "/data/config_431.yaml";
        CHECK(beside.is_newcomer());
    }
    SECTION("whatever the version, while it runs") {
        beside.other.image = beside.other.image_id = "sha256:unknown";
        CHECK_FALSE(beside.is_newcomer());
        beside.other.running = true;
        CHECK(beside.is_newcomer());
    }
    SECTION("where the old container is gone") {
        beside.node.container.reset();
        CHECK(beside.is_newcomer());
    }
}

TEST_CASE("what never was this OMS in a newer version is left alone", "[by-hand]") {
    Beside beside;
    SECTION("the old container itself") {
        beside.other = *beside.node.container;
    }
    SECTION("its predecessor, kept for the way back of the upgrade before") {
        beside.other.image = "oms:feature_4.2.2";
        beside.other.image_id = "sha256:older";
    }
    SECTION("a look into the new image") {
        beside.other.mounts.clear();
    }
    SECTION("the OMS of another site") {
        for (auto& mount : beside.other.mounts) mount.source = "/other" + mount.source;
        beside.other.running = true;
    }
    SECTION("a helper of ours") {
        beside.other.labels["oms.oceanbase.com/helper"] = "look-into-image";
    }
    SECTION("what an earlier run of ours made and took back") {
        beside.other.labels[kRunLabel] = "uid-1";
    }
    CHECK_FALSE(beside.is_newcomer());
}

TEST_CASE("a container of an earlier run that was started again since is not taken back",
          "[by-hand]") {
    Beside beside;
    beside.other.labels[kRunLabel] = "uid-1";
    SECTION("and runs") {
        beside.other.running = true;
    }
    SECTION("and has ended again") {
        beside.other.started_at = kMorning + 1h;
    }
    CHECK(beside.is_newcomer());
}

}  // namespace
}  // namespace oms::upgrade
