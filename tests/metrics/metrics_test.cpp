// Goal: a scrape says of every upgrade that is there what its status says, and of no other; and
// nothing in it but words of ours, names of resources and numbers.
// Method: resources are told to the room as its hooks would; the page is compared line by line.

#include "metrics/metrics.hpp"

#include "catch.hpp"
#include "metrics/upgrade_facts.hpp"

#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace oms::metrics {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::Contains;

Time at(int seconds) {
    return Time{std::chrono::seconds{1763877000 + seconds}};
}

api::OmsUpgrade upgrade(const std::string& name) {
    api::OmsUpgrade one;
    one.key = {"shop", name};
    one.uid = "uid-of-" + name;
    return one;
}

/// In the middle of its backup, for the second time, with OMS down for ten minutes.
api::OmsUpgrade in_backup() {
    auto one = upgrade("to-431");
    api::Run run;
    run.id = "uid-1";
    run.cursor = {.phase = "BackupMetaDB", .pushes = 2, .since = at(30)};
    run.spec.deadlines = {{.phase = "BackupMetaDB", .seconds = 7200}};
    one.status.phase = "BackupMetaDB";
    one.status.message = "password=hunter2";
    one.status.run = run;
    one.status.times.t1 = at(0);
    one.status.findings = {{.name = "TaskGate/1234", .severity = api::Severity::Warning},
                           {.name = "TaskGate/5678", .severity = api::Severity::Warning},
                           {.name = "Nodes", .waived = true},
                           {.name = "no word\n of ours"}};
    return one;
}

/// Taken back: dumped in 60 seconds, put back in 90, down for 300.
api::OmsUpgrade taken_back() {
    auto one = in_backup();
    auto& run = *one.status.run;
    run.outcome = api::Outcome::RolledBack;
    run.cursor.goal = api::Goal::Reverted;
    one.spec.rollback.requested = true;
    one.status.phase = "RolledBack";
    one.status.findings.clear();
    one.status.downtime_seconds = 300;
    one.status.backup = api::Backup{
        .path = "/backups/uid-1",
        .databases = {{.name = "rm", .bytes = 5'000'000'000}, {.name = "cm", .bytes = 1}}};
    one.status.steps = {{.name = "BackupMetaDB",
                         .goal = api::Goal::Applied,
                         .state = api::StepState::Done,
                         .start_time = at(0),
                         .finish_time = at(60)},
                        {.name = "BackupMetaDB",
                         .goal = api::Goal::Reverted,
                         .state = api::StepState::Done,
                         .start_time = at(100),
                         .finish_time = at(190)}};
    return one;
}

struct Page {
    Metrics metrics{{.version = "1.2.3",
                     .commit = "abc",
                     .api_host = "10.96.0.1:443",
                     .lanes = {.glances = 4, .stretches = 64},
                     .elects = true},
                    [] { return at(600); }};

    /// Series whose name begins so, in the order of the page.
    std::string lines(const std::string& begin) const {
        std::istringstream text(metrics.text());
        std::string found;
        for (std::string line; std::getline(text, line);)
            if (line.starts_with(begin)) found += line + "\n";
        return found;
    }

    std::string upgrades() const { return lines("oms_operator_upgrade_"); }
};

TEST_CASE("a run under way is told with its phase, its deadline and its downtime", "[metrics]") {
    Page page;
    page.metrics.on_record(in_backup(), {});
    CHECK(page.upgrades() ==
          R"(oms_operator_upgrade_state{namespace="shop",name="to-431",state="Upgrading"} 1
oms_operator_upgrade_phase{namespace="shop",name="to-431",phase="BackupMetaDB"} 1
oms_operator_upgrade_phase_start_timestamp_seconds{namespace="shop",name="to-431"} 1763877030
oms_operator_upgrade_phase_deadline_seconds{namespace="shop",name="to-431"} 7200
oms_operator_upgrade_attempts{namespace="shop",name="to-431"} 2
oms_operator_upgrade_rollback_requested{namespace="shop",name="to-431"} 0
oms_operator_upgrade_oms_down{namespace="shop",name="to-431"} 1
oms_operator_upgrade_downtime_seconds{namespace="shop",name="to-431"} 600
oms_operator_upgrade_findings{namespace="shop",name="to-431",finding="Nodes",severity="Error",waived="true"} 1
oms_operator_upgrade_findings{namespace="shop",name="to-431",finding="Other",severity="Error",waived="false"} 1
oms_operator_upgrade_findings{namespace="shop",name="to-431",finding="TaskGate",severity="Warning",waived="false"} 2
)");
}

TEST_CASE("a run that was taken back is told with its dump and its restore", "[metrics]") {
    Page page;
    page.metrics.on_record(taken_back(), in_backup().status);
    CHECK(page.upgrades() ==
          R"(oms_operator_upgrade_state{namespace="shop",name="to-431",state="RolledBack"} 1
oms_operator_upgrade_rollback_requested{namespace="shop",name="to-431"} 1
oms_operator_upgrade_oms_down{namespace="shop",name="to-431"} 0
oms_operator_upgrade_downtime_seconds{namespace="shop",name="to-431"} 300
oms_operator_upgrade_backup_timestamp_seconds{namespace="shop",name="to-431"} 1763877060
oms_operator_upgrade_backup_bytes{namespace="shop",name="to-431"} 5000000001
oms_operator_upgrade_dump_duration_seconds{namespace="shop",name="to-431"} 60
oms_operator_upgrade_restore_bytes{namespace="shop",name="to-431"} 5000000001
oms_operator_upgrade_restore_duration_seconds{namespace="shop",name="to-431"} 90
)");
}

TEST_CASE("an upgrade that is taken back after it was up is down once more", "[metrics]") {
    auto one = in_backup();
    one.status.times = {.t1 = at(0), .t2 = at(60), .t3 = at(500)};
    one.status.downtime_seconds = 60;
    CHECK(facts_of(one).seconds_down == 60);
    CHECK_FALSE(facts_of(one).down_since.has_value());

    one.status.run->cursor.goal = api::Goal::Reverted;
    CHECK(facts_of(one).down_since == at(500));

    one.status.steps = {
        {.name = "StopOMS", .goal = api::Goal::Reverted, .state = api::StepState::Done}};
    CHECK_FALSE(facts_of(one).down_since.has_value());
    one.status.times.t2.reset();
    one.status.steps.clear();
    one.status.downtime_seconds.reset();
    CHECK(facts_of(one).down_since == at(0));
}

TEST_CASE("the end of a run is counted once", "[metrics]") {
    Page page;
    const auto end = taken_back();
    page.metrics.on_record(end, in_backup().status);
    page.metrics.on_record(end, end.status);
    const auto counted = page.lines("oms_operator_runs_finished_total");
    CHECK_THAT(counted, Contains(R"({outcome="RolledBack"} 1)"));
    CHECK_THAT(counted, Contains(R"({outcome="Succeeded"} 0)"));
}

TEST_CASE("every state is a word of ours", "[metrics]") {
    const std::set<std::string_view> states(kStates.begin(), kStates.end());
    for (const std::string phase :
         {"", "Precheck", "Approve", "Paused", "Held", "Failed", "Succeeded", "\"} 1\nx 2"}) {
        auto one = upgrade("one");
        one.status.phase = phase;
        INFO(phase);
        CHECK(states.contains(facts_of(one).state));
    }
    auto one = taken_back();
    one.status.phase = "Failed";
    CHECK(facts_of(one).state == "RollbackFailed");
    one.status.phase = "\"} 1\nx 2";
    CHECK(facts_of(one).state == "Other");
}

TEST_CASE("however many findings a status holds, few of them become series", "[metrics]") {
    auto one = upgrade("one");
    for (int i = 0; i < 10'000; ++i)
        one.status.findings.push_back({.name = "X" + std::to_string(i)});
    const auto facts = facts_of(one);
    CHECK(facts.findings.size() <= 65);
    std::size_t told = 0;
    for (const auto& [finding, count] : facts.findings) told += count;
    CHECK(told == 10'000);
}

TEST_CASE("of an upgrade that is gone no series is left", "[metrics]") {
    Page page;
    page.metrics.on_record(in_backup(), {});
    page.metrics.on_told(upgrade("other"));
    page.metrics.on_gone({"shop", "to-431"}, "uid-of-to-431");
    CHECK_THAT(page.upgrades(), !Contains("to-431") && Contains("other"));

    SECTION("nor by a record that comes late") {
        page.metrics.on_record(in_backup(), {});
        CHECK_THAT(page.upgrades(), !Contains("to-431"));
    }
    SECTION("but one of its name that was made since has its own") {
        auto again = in_backup();
        again.uid = "another";
        page.metrics.on_record(again, {});
        page.metrics.on_gone({"shop", "to-431"}, "uid-of-to-431");
        CHECK_THAT(page.upgrades(), Contains("to-431"));
    }
    SECTION("and one that was only out of sight comes back") {
        page.metrics.on_told(in_backup());
        CHECK_THAT(page.upgrades(), Contains("to-431"));
    }
}

TEST_CASE("what a watch tells late does not undo what was recorded", "[metrics]") {
    Page page;
    page.metrics.on_record(taken_back(), {});
    auto old = in_backup();
    old.spec.rollback.requested = false;
    page.metrics.on_told(old);
    CHECK_THAT(page.upgrades(), Contains(R"(state="RolledBack")"));
    // The wish is somebody else's, so whoever tells of it last is right.
    CHECK_THAT(page.upgrades(),
               Contains(R"(rollback_requested{namespace="shop",name="to-431"} 0)"));

    old.uid = "made anew";
    page.metrics.on_told(old);
    CHECK_THAT(page.upgrades(), Contains(R"(state="Upgrading")"));
}

TEST_CASE("nothing of a message is on the page", "[metrics]") {
    Page page;
    page.metrics.on_record(in_backup(), {});
    CHECK_THAT(page.metrics.text(), !Contains("hunter2") && !Contains("/backups"));
}

TEST_CASE("answers are counted as client-go counts them, and errors by kind", "[metrics]") {
    Page page;
    const auto api = page.metrics.on_api_answer();
    api({.method = "GET"}, 200);
    api({.method = "GET"}, 404);
    api({.method = "PATCH"}, 409);
    api({.method = "PATCH"}, 0);
    const auto docker = page.metrics.on_docker_answer();
    docker({.method = "POST"}, 304);
    docker({.method = "POST"}, 500);
    docker({.method = "POST"}, 0);
    CHECK_THAT(page.lines("rest_client_requests_total"),
               Contains(R"(code="200")") && Contains(R"(code="404")") &&
                   Contains(R"(code="<error>")") && Contains(R"(host="10.96.0.1:443")"));
    CHECK_THAT(page.lines("oms_operator_api_errors_total"),
               Contains(R"({kind="conflict"} 1)") && Contains(R"({kind="no_answer"} 1)") &&
                   Contains(R"({kind="refused"} 0)"));
    CHECK_THAT(page.lines("oms_operator_docker_errors_total"),
               Contains(R"({kind="server_error"} 1)") && Contains(R"({kind="no_answer"} 1)") &&
                   Contains(R"({kind="refused"} 0)"));
}

TEST_CASE("looks are counted as controller-runtime counts them", "[metrics]") {
    Page page;
    const auto listeners = page.metrics.lane_listeners();
    const auto& steps = listeners.stretches;
    steps.queue.added();
    steps.queue.taken(2s);
    steps.queue.done(3s);
    steps.queue.retried();
    steps.looked(controller::LookEnd::Error);
    const std::string lane = R"(controller="omsupgrade-steps")";
    CHECK_THAT(page.lines("controller_runtime_reconcile_total"),
               Contains("{" + lane + R"(,result="error"} 1)") &&
                   Contains("{" + lane + R"(,result="success"} 0)"));
    CHECK_THAT(page.lines("controller_runtime_reconcile_errors_total"),
               Contains("{" + lane + "} 1") && Contains(R"({controller="omsupgrade"} 0)"));
    for (const std::string name : {"workqueue_adds_total", "workqueue_retries_total"}) {
        INFO(name);
        CHECK_THAT(page.lines(name), Contains(lane) && Contains("} 1\n"));
    }
    CHECK_THAT(page.lines("workqueue_queue_duration_seconds_sum"), Contains("} 2\n"));
    CHECK_THAT(page.lines("workqueue_work_duration_seconds_sum"), Contains("} 3\n"));
    CHECK_THAT(page.lines("controller_runtime_reconcile_time_seconds_sum"), Contains("} 3\n"));
}

TEST_CASE("who leads is told", "[metrics]") {
    Page page;
    CHECK(page.lines("oms_operator_leader") == "oms_operator_leader 0\n");
    page.metrics.set_leader(true);
    CHECK(page.lines("oms_operator_leader") == "oms_operator_leader 1\n");
    CHECK(page.lines("leader_election") ==
          "leader_election_master_status{name=\"oms-operator\"} 1\n");
}

TEST_CASE("the process is told as every Prometheus client does", "[metrics]") {
    const Page page;
    for (const std::string name : {"process_cpu_seconds_total",
                                   "process_resident_memory_bytes",
                                   "process_virtual_memory_bytes",
                                   "process_start_time_seconds",
                                   "process_open_fds",
                                   "process_max_fds"}) {
        INFO(name);
        std::istringstream line(page.lines(name));
        std::string said;
        double value = -1;
        line >> said >> value;
        CHECK(said == name);
        CHECK(value >= 0);
    }
}

}  // namespace
}  // namespace oms::metrics
