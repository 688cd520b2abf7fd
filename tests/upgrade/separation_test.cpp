// Goal: what stands in the way of a separate cm database is found before anything is touched, and
// the
//       phase that carries it over knows its own copies from somebody's databases.
// Method: tables of what was found, and of facts.

#include "catch.hpp"
#include "fakes/voyage.hpp"
#include "upgrade/phases/separate_cm.hpp"
#include "upgrade/prechecks.hpp"

#include <algorithm>
#include <functional>

namespace oms::upgrade {
namespace {

struct Site {
    Target target{.run_id = "uid-1", .spec = fakes::smallest_upgrade().spec};
    Survey survey;

    Site() {
        target.to = *parse_version("4.3.1");
        target.from = *parse_version("4.3.0");
        target.spec.meta_db.separate_cm =
            api::SeparateCmSpec{.host = "10.0.0.9", .port = 2883, .credentials_secret = {"cm"}};
        survey.nodes.emplace_back();
        survey.nodes.front().container = runtime::Container{.name = "oms_430"};
        survey.meta.emplace();
        survey.meta->server = {.version = "5.7.25-OceanBase", .is_oceanbase = true};
        survey.separation.emplace();
        survey.separation->server = survey.meta->server;
        survey.separation->databases = {
            {{"oms_cm", "oms_cm", "10.0.0.9:2883", false}, false, {}, {}},
            {{"oms_cm_hb", "oms_cm_hb", "10.0.0.9:2883", false}, false, {}, {}}};
        survey.tasks.emplace();
    }

    std::vector<api::Finding> of(const std::string& name) const {
        auto all = examine(target, survey);
        std::erase_if(all, [&](const auto& finding) { return finding.name != name; });
        return all;
    }

    SeparationSurvey& place() { return *survey.separation; }
};

struct Fault {
    std::string finding;
    std::function<void(Site&)> make;
};

const std::vector<Fault> kFaults{
    {"SeparateCM", [](Site& s) { s.place().databases[0].is_taken = true; }},
    {"SeparateCM", [](Site& s) { s.place().databases[1].bound_to_name = {"view v"}; }},
    {"SeparateCM", [](Site& s) { s.place().config_error = "its password holds a space"; }},
    {"SeparateCM", [](Site& s) { s.place().server.is_oceanbase = false; }},
    {"SeparateCM", [](Site& s) { s.target.to = *parse_version("4.3.0"); }},
    {"SeparateCM", [](Site& s) { s.target.spec.oat_version = "4.3.1"; }},
    {"SeparateCM",
     [](Site& s) {
         s.target.spec.meta_db.separate_cm->heartbeat_database = "hb";
         s.place().databases.push_back(s.place().databases[1]);
     }},
    {"SeparateCMVersion", [](Site& s) { s.place().server.version = "5.7.25-OceanBase 2"; }},
    {"SeparateCMReachable",
     [](Site& s) {
         s.place().error = LookError{"refused", true};
     }},
    {"MetaDBRights", [](Site& s) { s.place().databases[0].missing_rights = {"GRANT CREATE"}; }},
    {"TaskGate",
     [](Site& s) {
         s.survey.tasks->error = LookError{"401", false};
     }},
};

TEST_CASE("a place that is sound is told of, and stops nothing", "[precheck][separate]") {
    const Site site;
    CHECK(site.of("SeparateCM").empty());
    CHECK(site.of("TaskGate").empty());
    REQUIRE(site.of("SeparateCMByOperator").size() == 1);
    CHECK(site.of("SeparateCMByOperator")[0].severity == api::Severity::Warning);
}

TEST_CASE("each thing in the way of a separate cm is found", "[precheck][separate]") {
    for (const auto& fault : kFaults) {
        Site site;
        fault.make(site);
        INFO(fault.finding);
        const auto found = site.of(fault.finding);
        REQUIRE_FALSE(found.empty());
        CHECK(found[0].severity == api::Severity::Error);
        CHECK_FALSE(found[0].remedy.empty());
    }
}

TEST_CASE("a cm that is at its place already is nothing to do", "[precheck][separate]") {
    Site site;
    site.place().is_there_already = true;
    REQUIRE(site.of("SeparateCM").size() == 1);
    CHECK(site.of("SeparateCM")[0].severity == api::Severity::Info);
    api::Status status;
    record_separation(site.survey.separation, status);
    CHECK(status.before.carried_databases.empty());
}

TEST_CASE("tasks that stop the upgrade are named, the others not, and not without end",
          "[precheck][separate]") {
    Site site;
    auto& tasks = site.survey.tasks->tasks;
    tasks.push_back({{.id = "np_0"}, GatePass{}});
    for (int i = 1; i <= 60; ++i) {
        GateTask task;
        task.id = "np_" + std::to_string(i);
        tasks.push_back({task, GateBlocked{"FULL_TRANSFER (RUNNING 57%)", "complete it"}});
    }
    site.target.spec.prechecks.waive = {"TaskGate/np_1"};
    const auto all = examine(site.target, site.survey);
    const auto named = [&](const std::string& name) {
        return std::any_of(
            all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
    };
    CHECK_FALSE(named("TaskGate/np_0"));
    CHECK(named("TaskGate/np_2"));
    CHECK(named("TaskGate/np_51"));
    // A waived one makes room for those that stop the upgrade.
    CHECK_FALSE(named("TaskGate/np_1"));
    REQUIRE(site.of("TaskGate").size() == 1);
    CHECK(site.of("TaskGate")[0].message.rfind("9 more tasks", 0) == 0);
}

TEST_CASE("SeparateCM knows its copies from somebody's databases", "[phase][separate]") {
    Target target{.run_id = "uid-1", .spec = fakes::smallest_upgrade().spec};
    using Facts = SeparateCM::Facts;
    const auto judge = [&](const Facts& facts, Goal goal) {
        return SeparateCM::judge(target, facts, goal);
    };
    CHECK(judge({}, Goal::Applied) == Verdict{Done{}});
    CHECK(judge({}, Goal::Reverted) == Verdict{Done{}});

    target.before.carried_databases = {{"oms_cm", "oms_cm", "10.0.0.9:2883", false}};
    Facts facts;
    facts.is_there = {false};
    facts.difference = "oms_cm: there is no database oms_cm";
    CHECK(std::holds_alternative<Due>(judge(facts, Goal::Applied)));
    api::Status status;
    status.before = target.before;
    SeparateCM::remember(target, facts, Goal::Applied, {}, status);
    CHECK(status.before.carried_databases[0].ours);

    facts.is_there = {true};
    CHECK(std::holds_alternative<Stuck>(judge(facts, Goal::Applied)));
    status.before = target.before;
    SeparateCM::remember(target, facts, Goal::Applied, {}, status);
    CHECK_FALSE(status.before.carried_databases[0].ours);

    target.before.carried_databases[0].ours = true;
    CHECK(std::holds_alternative<Due>(judge(facts, Goal::Applied)));
    CHECK(std::holds_alternative<Due>(judge(facts, Goal::Reverted)));
    facts.difference.reset();
    CHECK(judge(facts, Goal::Applied) == Verdict{Done{}});
    facts.running = "oms_431";
    CHECK(std::holds_alternative<Stuck>(judge(facts, Goal::Applied)));
    CHECK(std::holds_alternative<Stuck>(judge(facts, Goal::Reverted)));
    facts = {};
    facts.is_there = {false};
    CHECK(judge(facts, Goal::Reverted) == Verdict{Done{}});
}

}  // namespace
}  // namespace oms::upgrade
