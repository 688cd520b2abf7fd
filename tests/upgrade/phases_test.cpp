// Goal: each phase judges each state of its world rightly, both ways.
// Method: tables of facts, values only; no phase looks or acts here.

#include "base/sha256.hpp"
#include "catch.hpp"
#include "fakes/voyage.hpp"
#include "upgrade/plan.hpp"

namespace oms::upgrade {
namespace {

template <class T>
bool is(const Verdict& verdict) {
    return std::holds_alternative<T>(verdict);
}

constexpr auto kConfig = R"(oms_meta_host: h
oms_meta_port: 1
oms_meta_user: u
oms_meta_password: p
drc_rm_db: rm
drc_cm_db: cm
drc_cm_heartbeat_db: hb
cm_url: http://10.0.0.1:8088
cm_location: 1
cm_nodes: [10.0.0.1]
)";

Target target() {
    Target target{.run_id = "uid-1", .spec = fakes::smallest_upgrade().spec};
    target.to = *parse_version("4.3.1");
    target.from = *parse_version("4.3.0");
    target.before.version = "4.3.0";
    target.before.ha_config = R"({"enable":true})";
    target.before.databases = {"rm", "cm", "hb"};
    target.before.nodes = {{.container = "oms_430",
                            .restart_policy = "always",
                            .host_ip = "10.0.0.1",
                            .config_sha256 = sha256_hex(kConfig),
                            .migrates_schema = true,
                            .upgrades_metadata = true}};
    return target;
}

runtime::Container container(const std::string& name,
                             bool running,
                             const std::string& policy = "no") {
    return {.name = name,
            .state = running ? "running" : "exited",
            .running = running,
            .restart = {.name = policy}};
}

runtime::Container ours(bool running, const std::string& policy = "no") {
    runtime::Container made = container("oms_431", running, policy);
    made.labels["oms.oceanbase.com/run"] = "uid-1";
    return made;
}

TEST_CASE("DisableHA wants the switch off, and back exactly as it was", "[phase]") {
    using P = DisableHA;
    CHECK(is<Done>(P::judge(target(), {std::nullopt}, Goal::Applied)));
    CHECK(is<Done>(P::judge(target(), {R"({"enable":false})"}, Goal::Applied)));
    CHECK(is<Due>(P::judge(target(), {R"({"enable":true})"}, Goal::Applied)));
    CHECK(is<Done>(P::judge(target(), {R"({"enable":true})"}, Goal::Reverted)));
    CHECK(is<Due>(P::judge(target(), {R"({"enable": true})"}, Goal::Reverted)));
    CHECK(is<Due>(P::judge(target(), {R"({"enable":false})"}, Goal::Reverted)));
}

TEST_CASE("EnableHA wants what the policy makes of the saved value", "[phase]") {
    using P = EnableHA;
    const std::string restored = R"({"enable":true,"perceiveStoreClientCheckpoint":true})";
    CHECK(is<Due>(P::judge(target(), {R"({"enable":false})"}, Goal::Applied)));
    CHECK(is<Due>(P::judge(target(), {R"({"enable":true})"}, Goal::Applied)));
    CHECK(P::wanted(target()).find("perceiveStoreClientCheckpoint") != std::string::npos);
    CHECK(is<Done>(P::judge(target(), {P::wanted(target())}, Goal::Applied)));
    CHECK(is<Due>(P::judge(target(), {restored}, Goal::Reverted)));
    CHECK(is<Done>(P::judge(target(), {R"({"enable":false})"}, Goal::Reverted)));
}

TEST_CASE("StopOMS is done when nothing runs and nothing will start by itself", "[phase]") {
    using P = StopOMS;
    CHECK(is<Due>(P::judge(target(), {{container("oms_430", true)}, {true}}, Goal::Applied)));
    CHECK(is<Due>(
        P::judge(target(), {{container("oms_430", false, "always")}, {false}}, Goal::Applied)));
    CHECK(is<Done>(P::judge(target(), {{container("oms_430", false)}, {false}}, Goal::Applied)));
    CHECK(is<Stuck>(P::judge(target(), {{std::nullopt}, {false}}, Goal::Applied)));
}

TEST_CASE("StopOMS is undone when the old OMS runs, is healthy, and has its policy", "[phase]") {
    using P = StopOMS;
    const auto judge = [](bool running, const std::string& policy, bool healthy) {
        return P::judge(
            target(), {{container("oms_430", running, policy)}, {healthy}}, Goal::Reverted);
    };
    CHECK(is<Due>(judge(false, "always", false)));
    CHECK(is<Due>(judge(true, "no", true)));
    CHECK(is<Pending>(judge(true, "always", false)));
    CHECK(is<Done>(judge(true, "always", true)));
    CHECK(is<Stuck>(P::judge(target(), {{std::nullopt}, {false}}, Goal::Reverted)));
}

TEST_CASE("CompactHeartbeat needs no undoing but for a half-done swap", "[phase]") {
    using P = CompactHeartbeat;
    const auto judge = [](const metadb::HeartbeatTables& tables, Goal goal) {
        return P::judge(target(), {{{"hb", tables}}}, goal);
    };
    CHECK(is<Done>(judge({.sequence = {{1, 9}}}, Goal::Applied)));
    CHECK(is<Due>(judge({.sequence = {{3, 9}}}, Goal::Applied)));
    CHECK(is<Stuck>(judge({}, Goal::Applied)));
    CHECK(is<Done>(judge({.sequence = {{3, 9}}}, Goal::Reverted)));
    CHECK(is<Due>(judge({.copy = {{1, 9}}, .aside = {{3, 9}}}, Goal::Reverted)));
    CHECK(is<Due>(judge({.sequence = {{1, 9}}, .aside = {{3, 9}}}, Goal::Reverted)));
}

BackupMetaDB::Facts backup_of(std::vector<std::string> missing = {}) {
    BackupMetaDB::Facts facts;
    facts.dumps = {.folder = "/backup", .complete = {}, .missing = std::move(missing)};
    return facts;
}

TEST_CASE("BackupMetaDB is done when nothing is missing, and never under a live OMS", "[phase]") {
    using P = BackupMetaDB;
    CHECK(is<Done>(P::judge(target(), backup_of(), Goal::Applied)));
    CHECK(is<Due>(P::judge(target(), backup_of({"rm"}), Goal::Applied)));
    auto facts = backup_of({"rm"});
    facts.running = "oms_430";
    CHECK(is<Stuck>(P::judge(target(), facts, Goal::Applied)));
    facts = backup_of();
    facts.dumps.problem = "it is damaged";
    CHECK(is<Stuck>(P::judge(target(), facts, Goal::Applied)));
}

TEST_CASE("BackupMetaDB puts back only what the new OMS may have changed", "[phase]") {
    using P = BackupMetaDB;
    CHECK(is<Done>(P::judge(target(), backup_of({"rm", "cm"}), Goal::Reverted)));
    Target started = target();
    started.new_oms_was_started = true;
    auto facts = backup_of();
    CHECK(is<Done>(P::judge(started, facts, Goal::Reverted)));
    facts.difference = "rm: a table differs";
    CHECK(is<Due>(P::judge(started, facts, Goal::Reverted)));
    facts.running = "oms_431";
    CHECK(is<Stuck>(P::judge(started, facts, Goal::Reverted)));
    CHECK(is<Stuck>(P::judge(started, backup_of({"rm"}), Goal::Reverted)));
}

TEST_CASE("MigrateConfig knows original, rendered and edited files apart", "[phase]") {
    using P = MigrateConfig;
    const std::string original = kConfig;
    const std::string rendered = split_meta_keys(original);
    const auto judge = [&](const std::string& live, std::optional<std::string> kept, Goal goal) {
        return P::judge(target(), {{live}, {std::move(kept)}, {rendered}}, goal);
    };
    CHECK(is<Due>(judge(original, original, Goal::Applied)));
    CHECK(is<Done>(judge(rendered, original, Goal::Applied)));
    CHECK(is<Stuck>(judge(rendered + "# by hand\n", original, Goal::Applied)));
    CHECK(is<Stuck>(judge(original, std::nullopt, Goal::Applied)));
    CHECK(is<Done>(judge(original, std::nullopt, Goal::Reverted)));
    CHECK(is<Due>(judge(rendered, original, Goal::Reverted)));
    CHECK(is<Stuck>(judge(rendered, std::nullopt, Goal::Reverted)));

    Target oat = target();
    oat.spec.oat_version = "4.3.1";
    CHECK(is<Done>(P::judge(oat, {{original}, {original}, {""}}, Goal::Applied)));
    CHECK(is<Stuck>(P::judge(oat, {{rendered}, {original}, {""}}, Goal::Applied)));
}

TEST_CASE("StartOMS takes only its own container for the new one", "[phase]") {
    using P = StartOMS;
    CHECK(is<Due>(P::judge(target(), {{std::nullopt}}, Goal::Applied)));
    CHECK(is<Due>(P::judge(target(), {{ours(false)}}, Goal::Applied)));
    CHECK(is<Done>(P::judge(target(), {{ours(true)}}, Goal::Applied)));
    CHECK(is<Stuck>(P::judge(target(), {{container("oms_431", true)}}, Goal::Applied)));
    CHECK(is<Done>(P::judge(target(), {{std::nullopt}}, Goal::Reverted)));
    CHECK(is<Due>(P::judge(target(), {{ours(true)}}, Goal::Reverted)));
    CHECK(is<Due>(P::judge(target(), {{ours(false, "always")}}, Goal::Reverted)));
    CHECK(is<Done>(P::judge(target(), {{ours(false)}}, Goal::Reverted)));
}

/// A second region, and a second node in the first one.
Target big_target() {
    Target big = target();
    big.spec.nodes.resize(3, big.spec.nodes.front());
    big.before.nodes.resize(3, big.before.nodes.front());
    big.before.nodes[1].upgrades_metadata = big.before.nodes[1].migrates_schema = false;
    return big;
}

TEST_CASE("UpgradeMetadata waits for CM and Supervisor, and never asks twice", "[phase]") {
    using P = UpgradeMetadata;
    const auto judge = [](bool running, bool ready, runtime::JobState job) {
        return P::judge(target(), {{0, running, std::move(job), {}}, ready, {}}, Goal::Applied);
    };
    CHECK(is<Stuck>(judge(false, false, runtime::JobNotBegun{})));
    CHECK(is<Pending>(judge(true, false, runtime::JobNotBegun{})));
    CHECK(is<Due>(judge(true, true, runtime::JobNotBegun{})));
    CHECK(is<Pending>(judge(true, true, runtime::JobRunning{})));
    CHECK(is<Stuck>(judge(true, true, runtime::JobEnded{.exit_code = 3})));
    CHECK(is<Stuck>(judge(true, true, runtime::JobInterrupted{})));
    const ScriptsLook ended{1, true, runtime::JobEnded{.exit_code = 0}, {}};
    CHECK(is<Done>(P::judge(target(), {ended, false, {}}, Goal::Applied)));
    const ScriptsLook lost{0, true, runtime::JobInterrupted{}, {}};
    CHECK(is<Done>(P::judge(target(), {lost, false, {}}, Goal::Reverted)));
    // docker_init.sh of the Community Edition hides exit codes.
    const ScriptsLook half{0, true, runtime::JobEnded{.exit_code = 0}, "left no mark"};
    CHECK(is<Stuck>(P::judge(target(), {half, false, {}}, Goal::Applied)));
    Target community = target();
    community.to = *parse_version("4.2.11-CE");
    CHECK(P::script(community).at(0).find("bash /root/docker_init.sh") != std::string::npos);
    CHECK(P::script(target()).at(0).find("sh /root/docker_upgrade.sh") != std::string::npos);
}

TEST_CASE("RecordVersion writes a row only where the target asks for one", "[phase]") {
    using P = RecordVersion;
    CHECK(is<Done>(P::judge(target(), {false}, Goal::Applied)));
    CHECK(is<Due>(P::judge(target(), {true}, Goal::Applied)));
    CHECK(is<Done>(P::judge(target(), {}, Goal::Reverted)));
    CHECK(P::script(target()).size() == 1);
    Target community = target();
    community.to = *parse_version("4.2.9-CE");
    community.before.version = "4.2.5-CE";
    CHECK(P::script(community).back().find("VALUES ('4.2.5-CE')") != std::string::npos);
}

TEST_CASE("UpgradeMetadata wants a script of each region, then the other consoles", "[phase]") {
    using P = UpgradeMetadata;
    const ScriptsLook first{0, true, runtime::JobRunning{}, {}};
    const ScriptsLook second{1, true, runtime::JobNotBegun{}, {}};
    const ScriptsLook both{2, true, runtime::JobEnded{.exit_code = 0}, {}};
    CHECK(is<Pending>(P::judge(big_target(), {first, false, {}}, Goal::Applied)));
    CHECK(is<Due>(P::judge(big_target(), {second, true, {}}, Goal::Applied)));
    CHECK(
        is<Due>(P::judge(big_target(), {both, false, "oms_console does not run"}, Goal::Applied)));
    CHECK(is<Done>(P::judge(big_target(), {both, false, {}}, Goal::Applied)));
    Target unknown = target();
    unknown.before.nodes.front().upgrades_metadata = false;
    CHECK(is<Stuck>(P::judge(unknown, {}, Goal::Applied)));
}

TEST_CASE("MigrateSchema wants every CM up and every console down before each jar", "[phase]") {
    using P = MigrateSchema;
    Target old = big_target();
    old.from = *parse_version("3.4.0");
    const std::set<std::string> up{"oms_drc_cm", "oms_drc_supervisor"};
    std::set<std::string> busy = up;
    busy.insert("oms_console");
    const ScriptsLook jar{1, true, runtime::JobNotBegun{}, {}};
    CHECK(is<Due>(P::judge(old, {jar, {up, up, up}}, Goal::Applied)));
    CHECK(is<Due>(P::judge(old, {jar, {up, busy, up}}, Goal::Applied)));
    CHECK(is<Pending>(P::judge(old, {jar, {up, {}, up}}, Goal::Applied)));
    const ScriptsLook runs{1, true, runtime::JobRunning{}, {}};
    CHECK(is<Pending>(P::judge(old, {runs, {}}, Goal::Applied)));
    const ScriptsLook resources{2, true, runtime::JobNotBegun{}, {}};
    CHECK(is<Due>(P::judge(old, {resources, {}}, Goal::Applied)));
    const ScriptsLook all{4, true, runtime::JobEnded{.exit_code = 0}, {}};
    CHECK(is<Done>(P::judge(old, {all, {}}, Goal::Applied)));
    CHECK(is<Done>(P::judge(big_target(), {}, Goal::Applied)));
}

TEST_CASE("LoadImage wants the image, and the id that was asked for", "[phase]") {
    using P = LoadImage;
    Target wanted = target();
    const runtime::Image a{.id = "sha256:a"};
    const runtime::Image b{.id = "sha256:b"};
    const auto judge = [&](const std::optional<runtime::Image>& image, bool is_oms) {
        return P::judge(wanted, {{image}, {is_oms}, {"amd64"}}, Goal::Applied);
    };
    CHECK(is<Due>(judge(std::nullopt, false)));
    CHECK(is<Done>(judge(a, true)));
    CHECK(is<Stuck>(judge(a, false)));
    CHECK(is<Stuck>(judge(runtime::Image{.id = "sha256:a", .architecture = "arm64"}, true)));
    CHECK(is<Done>(judge(runtime::Image{.id = "sha256:a", .architecture = "amd64"}, true)));
    wanted.spec.image.id = "sha256:b";
    CHECK(is<Due>(judge(a, true)));
    CHECK(is<Done>(judge(b, true)));
    CHECK(is<Done>(P::judge(wanted, {}, Goal::Reverted)));
}

TEST_CASE("Approve waits exactly while approval is required", "[phase]") {
    Target wanted = target();
    CHECK(is<Done>(Approve::judge(wanted, {}, Goal::Applied)));
    wanted.spec.approval = api::Approval::Required;
    CHECK(is<Pending>(Approve::judge(wanted, {}, Goal::Applied)));
    CHECK(is<Done>(Approve::judge(wanted, {}, Goal::Reverted)));
    wanted.spec.approval = api::Approval::Granted;
    CHECK(is<Done>(Approve::judge(wanted, {}, Goal::Applied)));
}

TEST_CASE("Verify and Confirm wait while anything is wrong", "[phase]") {
    CHECK(is<Pending>(Verify::judge(target(), {"nginx STOPPED"}, Goal::Applied)));
    CHECK(is<Done>(Verify::judge(target(), {}, Goal::Applied)));
    CHECK(is<Pending>(Confirm::judge(target(), {"nginx STOPPED"}, Goal::Applied)));
    CHECK(is<Done>(Confirm::judge(target(), {}, Goal::Applied)));
}

TEST_CASE("every phase shows a person what it would type", "[phase]") {
    for (const Phase& phase : kPlan) {
        INFO(phase.name);
        CHECK_FALSE(phase.script(target()).empty());
    }
}

}  // namespace
}  // namespace oms::upgrade
