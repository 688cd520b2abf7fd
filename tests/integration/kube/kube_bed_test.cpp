// Goal: what the tests with a scripted server take for granted is true of a real one.
// Method: tests/bed/run --apiserver; OMS_TEST_KUBECONFIG is an administrator's.

#include "api/json.hpp"
#include "api/yaml.hpp"
#include "base/error.hpp"
#include "base/files.hpp"
#include "catch.hpp"
#include "kube/connection.hpp"
#include "kube/errors.hpp"
#include "kube/events.hpp"
#include "kube/lease.hpp"
#include "kube/upgrades.hpp"
#include "kube/watcher.hpp"

#include <nlohmann/json.hpp>

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <set>

namespace oms::kube {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

const std::string kSpace = "default";

Connection connection() {
    const char* file = std::getenv("OMS_TEST_KUBECONFIG");
    if (file == nullptr) throw Terminal("OMS_TEST_KUBECONFIG is not set: run under tests/bed/run");
    return find_connection({.kubeconfig = file});
}

/// A just made CRD is served after a moment of 404 and 429.
void wait_until_served(Client& client) {
    for (int attempt = 0;; ++attempt) {
        try {
            client.list_page(upgrades_path());
            return;
        } catch (const Failure&) {
            if (attempt == 100) throw;
            real_timing().wait(100ms, {});
        }
    }
}

Client& client() {
    static const auto made = [] {
        auto connected = connect(connection(), "oms-operator-test");
        const auto crd = read_whole(OMS_SOURCE_DIR "/crds/omsupgrades.yaml");
        REQUIRE(crd.has_value());
        try {
            connected->create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                              api::yaml_to_json(*crd));
        } catch (const AlreadyExists&) {
            // By a test case before this one.
        }
        wait_until_served(*connected);
        return connected;
    }();
    return *made;
}

api::OmsUpgrade make_upgrade(const std::string& name) {
    const Json upgrade{{"apiVersion", "oms.oceanbase.com/v1alpha1"},
                       {"kind", "OMSUpgrade"},
                       {"metadata", {{"name", name}}},
                       {"spec",
                        {{"targetVersion", "4.3.1"},
                         {"image", {{"reference", "oms:4.3.1"}}},
                         {"nodes", Json::array({{{"container", "oms_430"}}})}}}};
    return read_upgrade(client().create(upgrades_path(kSpace), upgrade));
}

/// Lets a test wait for what a reflector is told.
class Account final : public WatchHandler {
public:
    void on_change(Change, const Seen& seen, std::string_view object) override {
        const auto read = read_upgrade(object);
        add(seen.key.name + " " + read.status.phase);
    }
    void on_deleted(const Seen& seen) override { add("-" + seen.key.name); }
    void on_synced() override { add("synced"); }
    void on_trouble(const std::string& what) override { add("! " + what); }

    void wait_for(const std::string& line) {
        std::unique_lock lock(mutex_);
        INFO(line);
        REQUIRE(changed_.wait_for(lock, 60s, [&] { return lines_.contains(line); }));
    }
    std::size_t size() {
        const std::lock_guard lock(mutex_);
        return lines_.size();
    }

private:
    void add(const std::string& line) {
        const std::lock_guard lock(mutex_);
        lines_.insert(line);
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::set<std::string> lines_;
};

}  // namespace

TEST_CASE("status and finalizer are written under the version that was read", "[bed][kube]") {
    Upgrades upgrades(client());
    const auto made = make_upgrade("life");
    CHECK(made.problems.empty());
    CHECK_THROWS_AS(make_upgrade("life"), AlreadyExists);

    auto wanted = made.status;
    wanted.phase = "Precheck";
    wanted.message = "looking";
    wanted.observed_generation = 1;
    wanted.follow_up = {"clear the cache"};
    const auto version = upgrades.write_status(made, wanted);
    REQUIRE(version.has_value());
    CHECK(*version != made.resource_version);
    CHECK_THROWS_AS(upgrades.write_status(made, wanted), Conflict);  // a stale writer

    auto read = upgrades.find(made.key);
    REQUIRE(read.has_value());
    CHECK(read->status == wanted);
    CHECK(read->resource_version == *version);
    wanted.follow_up.clear();
    CHECK(upgrades.write_status(*read, wanted).has_value());
    CHECK(upgrades.find(made.key)->status == wanted);

    CHECK_THROWS_AS(upgrades.hold(*read), Conflict);
    CHECK(upgrades.hold(*upgrades.find(made.key)).has_value());
    CHECK(client().remove(upgrade_path(made.key), {.uid = made.uid}));
    read = upgrades.find(made.key);
    REQUIRE(read.has_value());
    CHECK(read->deleting);
    CHECK(upgrades.release(*read).has_value());
    CHECK_FALSE(upgrades.find(made.key).has_value());
    wanted.phase = "too late";
    CHECK_FALSE(upgrades.write_status(*read, wanted).has_value());
}

TEST_CASE("what the schema refuses is told in the server's words", "[bed][kube]") {
    const Json bad{{"apiVersion", "oms.oceanbase.com/v1alpha1"},
                   {"kind", "OMSUpgrade"},
                   {"metadata", {{"name", "bad"}}},
                   {"spec", {{"targetVersion", 7}}}};
    try {
        client().create(upgrades_path(kSpace), bad);
        FAIL("it was accepted");
    } catch (const Terminal& failure) {
        CHECK(std::string(failure.what()).find("spec.targetVersion") != std::string::npos);
    }
}

TEST_CASE("a precondition that is not met deletes nothing", "[bed][kube]") {
    const auto made = make_upgrade("kept");
    CHECK_THROWS_AS(client().remove(upgrade_path(made.key), {.uid = "another"}), Conflict);
    CHECK(client().remove(upgrade_path(made.key), {.uid = made.uid}));
    CHECK_FALSE(client().remove(upgrade_path(made.key)));
}

TEST_CASE("a reflector lists more than a page and hears what follows", "[bed][kube]") {
    constexpr int kMany = 510;
    for (int i = 0; i < kMany; ++i) make_upgrade("many-" + std::to_string(i));
    Account account;
    Reflector reflector(client(), upgrades_path(kSpace), account);
    reflector.start();
    account.wait_for("synced");
    CHECK(account.size() == kMany + 1);
    const auto made = make_upgrade("later");
    account.wait_for("later ");
    api::Status wanted;
    wanted.phase = "Précheck ✓";
    Upgrades(client()).write_status(made, wanted);
    account.wait_for("later Précheck ✓");
    client().remove(upgrade_path(made.key));
    account.wait_for("-later");
    client().remove(upgrades_path(kSpace));  // the whole collection
    for (int i = 0; i < kMany; ++i) account.wait_for("-many-" + std::to_string(i));
}

TEST_CASE("the server sends bookmarks where it is asked to", "[bed][kube]") {
    // It sends none before its cache has seen a change.
    const auto made = make_upgrade("change");
    std::string events;
    // One is due two seconds before a watch ends, and not promised.
    for (int watch = 0; watch < 30 && events.find("\"BOOKMARK\"") == std::string::npos; ++watch)
        client().watch(upgrades_path(),
                       made.resource_version,
                       5s,
                       [&](std::string_view bytes) {
                           events += bytes;
                           return true;
                       },
                       {});
    CHECK(events.find("\"BOOKMARK\"") != std::string::npos);
    client().remove(upgrade_path(made.key));
}

TEST_CASE("a version that is too old is answered with 410, in one of its two ways", "[bed][kube]") {
    std::string events;
    try {
        client().watch(upgrades_path(),
                       "1",
                       5s,
                       [&](std::string_view bytes) {
                           events += bytes;
                           return events.find('\n') == std::string::npos;
                       },
                       {});
        CHECK(events.find("\"code\":410") != std::string::npos);
    } catch (const Gone& failure) {
        CHECK(std::string(failure.what()).find("410") != std::string::npos);
    }
}

TEST_CASE("a continue token that makes no sense is refused, not taken for an end", "[bed][kube]") {
    CHECK_THROWS_AS(client().list_page(upgrades_path(), "nonsense"), Failure);
}

TEST_CASE("a Secret is found by its name", "[bed][kube]") {
    const Json secret{{"apiVersion", "v1"},
                      {"kind", "Secret"},
                      {"metadata", {{"name", "metadb"}}},
                      {"stringData", {{"password", "p@ss\n"}}}};
    client().create("/api/v1/namespaces/default/secrets", secret);
    const Upgrades upgrades(client());
    CHECK(upgrades.find_secret({kSpace, "metadb"})->values.at("password").reveal() == "p@ss\n");
    CHECK_FALSE(upgrades.find_secret({kSpace, "nobody"}).has_value());
}

TEST_CASE("events are accepted, and repeated ones counted", "[bed][kube]") {
    const auto made = make_upgrade("eventful");
    {
        EventRecorder recorder(client(), "test");
        for (int time = 0; time < 3; ++time)
            recorder.record({.about = made.key,
                             .about_uid = made.uid,
                             .type = EventType::Warning,
                             .reason = "StepFailed",
                             .action = "BackupMetaDB",
                             .note = "no space left"});
    }
    int events = 0;
    client().list("/apis/events.k8s.io/v1/namespaces/default/events", [&](std::string_view text) {
        const auto event = parse(text);
        if (event["regarding"].value("uid", "") != made.uid) return;
        ++events;
        CHECK(event["note"] == "no space left");
        CHECK(event["series"]["count"] == 3);
    });
    CHECK(events == 1);
    client().remove(upgrade_path(made.key));
}

TEST_CASE("of two candidates one leads, and the other when it lets go", "[bed][kube]") {
    const ElectionTimes times{.lease = 8s, .renew_deadline = 6s, .retry = 200ms};
    Leadership first(client(), {.key = {kSpace, "l"}, .identity = "one", .times = times});
    Leadership second(client(), {.key = {kSpace, "l"}, .identity = "two", .times = times});
    first.acquire({});
    bool released = false;
    std::jthread keeper([&](const std::stop_token& stop) { released = first.keep(stop); });
    std::jthread impatient([&](const std::stop_token& stop) {
        try {
            second.acquire(stop);
        } catch (const Stopped&) {
            // The test failed before it could lead.
        }
    });

    const auto spec = [] {
        return parse(
            *client().find("/apis/coordination.k8s.io/v1/namespaces/default/leases/l"))["spec"];
    };
    const auto kept_for = [&] {
        const auto held = spec();
        REQUIRE(held["holderIdentity"] == "one");
        return *from_rfc3339(held["renewTime"].get<std::string>()) -
               *from_rfc3339(held["acquireTime"].get<std::string>());
    };
    // Longer than a lease that nobody renews.
    while (kept_for() < 9s) real_timing().wait(100ms, {});
    keeper.request_stop();
    keeper.join();
    CHECK(released);
    impatient.join();
    const auto after = spec();
    CHECK(after["holderIdentity"] == "two");
    CHECK(after["leaseTransitions"] == 1);
}

}  // namespace oms::kube
