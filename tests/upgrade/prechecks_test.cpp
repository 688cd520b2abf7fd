// Goal: each precheck finds its own fault in an otherwise sound site, and nothing in a sound one.
// Method: one sound survey, and a table of what is broken in it and which finding must name it.

#include "upgrade/prechecks.hpp"

#include "catch.hpp"
#include "fakes/voyage.hpp"
#include "upgrade/site.hpp"

#include <algorithm>
#include <functional>

namespace oms::upgrade {
namespace {

using namespace std::chrono_literals;

constexpr auto kConfig = R"(oms_meta_host: h
oms_meta_port: 2883
oms_meta_user: u
oms_meta_password: p
drc_rm_db: rm
drc_cm_db: cm
drc_cm_heartbeat_db: hb
cm_url: http://10.0.0.1:8088
cm_location: 1
cm_region: r
cm_nodes: [10.0.0.1]
)";

struct Site {
    Target target{.run_id = "uid-1", .spec = fakes::smallest_upgrade().spec};
    Survey survey;

    Site() {
        target.to = *parse_version("4.3.1");
        target.from = *parse_version("4.3.0");
        NodeSurvey node;
        node.host = {.name = "host", .engine = "Docker", .architecture = "amd64"};
        node.container = runtime::Container{
            .name = "oms_430", .image = "oms:feature_4.3.0", .state = "running", .running = true};
        node.container->mounts = {{"/data/config.yaml", "/home/admin/conf/config.yaml"},
                                  {"/data/logs", "/home/admin/logs"},
                                  {"/data/store", "/home/ds/store"},
                                  {"/data/run", "/home/ds/run"}};
        node.container->environment = {{"OMS_HOST_IP", "10.0.0.1"}};
        node.config = kConfig;
        node.settings = parse_config(kConfig);
        node.writable = {{"/home/admin/logs", true}};
        node.healthy = true;
        survey.nodes = {node};
        MetaSurvey meta;
        meta.databases = {{"rm", true, {}, 1000}, {"cm", true, {}, 1000}, {"hb", true, {}, 1000}};
        meta.ha_config = R"({"enable":true})";
        meta.oms_version = "4.3.0";
        survey.meta = meta;
        survey.archive_bytes = 1000;
        survey.archive = runtime::ImageArchive{
            .images = {{.tags = {"oms:feature_4.3.1"}, .architecture = "amd64"}}};
        survey.backup_free_bytes = 1ULL << 40U;
    }

    NodeSurvey& node() { return survey.nodes.front(); }

    /// Its certificate, valid for so long before it is seen, and so long after.
    void has_certificate(std::chrono::hours before, std::chrono::hours after) {
        const Time now{std::chrono::hours{24 * 365 * 50}};
        node().https = {{.named = "of oms_430",
                         .trouble = {},
                         .certificate = Certificate{"CN = oms", now - before, now + after},
                         .seen = now}};
    }

    /// A sound node more; of the first one's region if it has its location, else of one of its own.
    Config& add_node(const std::string& ip, int location) {
        target.spec.nodes.push_back(target.spec.nodes.front());
        NodeSurvey more = survey.nodes.front();
        more.container->environment = {{"OMS_HOST_IP", ip}};
        const bool same = location == more.settings->cm_location;
        more.settings->cm_location = location;
        auto& listed = survey.nodes.front().settings->cm_nodes;
        if (same && std::find(listed.begin(), listed.end(), ip) == listed.end())
            listed.push_back(ip);
        more.settings->cm_nodes = same ? listed : std::vector<std::string>{ip};
        more.settings->is_default = same;
        if (!same) {
            more.settings->cm_region = "r" + std::to_string(location);
            more.settings->heartbeat_database = "hb_" + std::to_string(location);
        }
        survey.nodes.push_back(more);
        return *survey.nodes.back().settings;
    }
};

struct Fault {
    std::string finding;
    std::function<void(Site&)> make;
};

const std::vector<Fault> kFaults{
    {"DockerReachable",
     [](Site& s) {
         s.node() = {.error = LookError{"refused", true}};
     }},
    {"ContainerExists", [](Site& s) { s.node().container.reset(); }},
    {"OmsHealthy", [](Site& s) { s.node().container->running = false; }},
    {"OmsHealthy", [](Site& s) { s.node().healthy = false; }},
    {"VersionPath", [](Site& s) { s.target.to = *parse_version("4.2.9"); }},
    {"VersionPath", [](Site& s) { s.target.to = *parse_version("4.3.0"); }},
    {"VersionPath", [](Site& s) { s.survey.meta->oms_version = "3.1.0"; }},
    {"DuplicateTaskNames",
     [](Site& s) {
         s.survey.meta->shared_names = {
             {TaskKind::Migration, 64, {{"p_1", "orders"}, {"p_2", "orders"}}}};
     }},
    {"BlackRegionNo", [](Site& s) { s.survey.meta->black_region_jobs = {"id 7: 3"}; }},
    {"VersionsAgree", [](Site& s) { s.survey.meta->oms_version = "4.2.2"; }},
    {"SourceVersion",
     [](Site& s) {
         s.survey.meta->oms_version.reset();
         s.node().container->image = "oms:latest";
     }},
    {"ImageVersion", [](Site& s) { s.target.spec.image.reference = "oms:feature_4.3.2"; }},
    {"ImageArchive", [](Site& s) { s.survey.archive_bytes.reset(); }},
    {"ImageArchive", [](Site& s) { s.survey.archive_bytes = 0; }},
    {"ImageId",
     [](Site& s) {
         s.target.spec.image.archive.reset();
         s.target.spec.image.id = "sha256:b";
         s.node().image = runtime::Image{.id = "sha256:a", .architecture = "amd64"};
     }},
    {"ImageArchitecture",
     [](Site& s) { s.node().image = runtime::Image{.id = "sha256:a", .architecture = "arm64"}; }},
    {"ImageArchitecture", [](Site& s) { s.survey.archive->images[0].architecture = "arm64"; }},
    {"ImageArchitecture", [](Site& s) { s.node().host.architecture = "arm64"; }},
    {"ImageArchive", [](Site& s) { s.survey.archive->images[0].tags = {"oms:feature_4.3.2"}; }},
    {"ImageArchive", [](Site& s) { s.survey.archive->is_compressed = true; }},
    {"ImageArchive",
     [](Site& s) {
         s.survey.archive.reset();
         s.survey.archive_error = "it is cut off";
     }},
    {"ImageEdition",
     [](Site& s) {
         s.target.spec.image = {.reference = "oms:feature_4.3.1_ce", .archive = {}, .id = {}};
     }},
    {"VersionPath", [](Site& s) { s.target.to = *parse_version("4.3.1-CE"); }},
    {"VersionsAgree", [](Site& s) { s.survey.meta->oms_version = "4.3.0-CE"; }},
    {"HttpsCertificate", [](Site& s) { s.has_certificate(100h, 0h); }},
    {"HttpsCertificate", [](Site& s) { s.has_certificate(-1h, 9999h); }},
    {"HttpsCertificate", [](Site& s) { s.has_certificate(100h, 29 * 24h); }},
    {"HttpsCertificate",
     [](Site& s) {
         s.has_certificate(100h, 9999h);
         s.node().https[0].trouble = "there is no key";
     }},
    {"OatConfig", [](Site& s) { s.target.spec.oat_version = "4.3.1"; }},
    {"NewContainerName",
     [](Site& s) { s.node().successor = runtime::Container{.name = "oms_431"}; }},
    {"NewContainerName",
     [](Site& s) {
         s.target.spec.nodes[0].new_container = "oms_430";
         s.node().successor = s.node().container;
     }},
    {"BegunByHand",
     [](Site& s) {
         runtime::Container made = *s.node().container;
         made.id = "made by hand";
         made.image = "oms:feature_4.3.1";
         made.running = false;
         s.node().containers = {*s.node().container, made};
     }},
    {"BegunByHand", [](Site& s) { s.survey.meta->oms_version = "4.3.1"; }},
    {"BegunByHand", [](Site& s) { s.survey.meta->databases[2].empty = true; }},
    {"BegunByHand", [](Site& s) { s.survey.meta->databases[1].missing_tables = {"host"}; }},
    {"BegunByHand", [](Site& s) { s.survey.meta->heartbeats["hb"] = {}; }},
    {"HeartbeatSwap",
     [](Site& s) {
         s.survey.meta->heartbeats["hb"] = {.sequence = {{3, 7}}, .copy = {{0, 0}}, .aside = {}};
     }},
    {"HAOff", [](Site& s) { s.survey.meta->ha_config = R"({"enable":false})"; }},
    {"OmsStopped",
     [](Site& s) {
         s.node().container->running = false;
         s.node().container->state = "exited";
         s.node().container->exit_code = 143;
         s.node().container->finished_at = Time{};
     }},
    {"Mounts", [](Site& s) { s.node().container->mounts.pop_back(); }},
    {"Mounts", [](Site& s) { s.node().writable["/home/ds/run"] = false; }},
    {"Config", [](Site& s) { s.node().config.reset(); }},
    {"Config", [](Site& s) { *s.node().config += "oms_meta_host: other\n"; }},
    {"Config", [](Site& s) { *s.node().config = split_meta_keys(kConfig); }},
    {"MetaDB",
     [](Site& s) {
         s.survey.meta->error = LookError{"refused", true};
     }},
    {"MetaDB", [](Site& s) { s.survey.meta->databases[1].exists = false; }},
    {"MetaDBRights", [](Site& s) { s.survey.meta->databases[0].missing_rights = {"GRANT DROP"}; }},
    {"HAConfig", [](Site& s) { s.survey.meta->ha_config = "enable"; }},
    {"BackupSpace", [](Site& s) { s.survey.backup_free_bytes = 1000; }},
    {"BackupSpace",
     [](Site& s) {
         s.survey.backup_error = LookError{"no such folder", false};
     }},
    {"Clocks", [](Site& s) { s.survey.meta->server.clock_ahead = std::chrono::seconds{-300}; }},
    {"Clocks",
     [](Site& s) {
         s.node().clock = HostClock{std::chrono::seconds{90}, "+08:00"};
     }},
    {"MaintenanceWindow",
     [](Site& s) {
         s.target.spec.maintenance_window = {.days = {api::Weekday::Sat},
                                             .start = "02:00",
                                             .duration_minutes = 60,
                                             .time_zone = "Asia/Atlantis"};
     }},
    {"MaintenanceWindow",
     [](Site& s) {
         s.target.spec.maintenance_window = {.days = {api::Weekday::Sat},
                                             .start = "02:00",
                                             .duration_minutes = 60,
                                             .minutes_needed = 61};
     }},
    {"TimeZones",
     [](Site& s) {
         s.survey.meta->server.time_zone = "+08:00";
         s.node().clock = HostClock{{}, "+00:00"};
     }},
    {"Nodes", [](Site& s) { s.node().container->environment.clear(); }},
    {"Nodes",
     [](Site& s) {
         s.node().settings->cm_nodes = {"10.0.0.1", "10.0.0.2"};
     }},
    {"Nodes", [](Site& s) { s.node().settings->cm_nodes = {"10.0.0.2"}; }},
    {"Nodes",
     [](Site& s) {
         s.survey.meta->hosts = {{"10.0.0.1", "ONLINE"}, {"10.0.0.9", "ONLINE"}};
     }},
    {"Nodes", [](Site& s) { s.add_node("10.0.0.1", 1); }},
    {"Nodes",
     [](Site& s) {
         s.node().settings->cm_nodes = {"10.0.0.2"};
         s.add_node("10.0.0.2", 1);
     }},
    {"Regions", [](Site& s) { s.add_node("10.0.0.2", 2).heartbeat_database = "hb"; }},
    {"Regions", [](Site& s) { s.add_node("10.0.0.2", 1).heartbeat_database = "hb_2"; }},
    {"Regions", [](Site& s) { s.add_node("10.0.0.2", 2).is_default = true; }},
    {"Regions", [](Site& s) { s.add_node("10.0.0.2", 2).rm_database = "other"; }},
    {"Regions", [](Site& s) { s.add_node("10.0.0.2", 2).cm.host = "other"; }},
    {"Regions",
     [](Site& s) {
         s.target.spec.nodes[0].region = "cn-beijing";
         s.node().settings->cm_region = "cn-hangzhou";
     }},
};

TEST_CASE("a sound site has no findings", "[precheck]") {
    Site site;
    SECTION("as it is") {}
    SECTION("with HTTPS") {
        site.has_certificate(100h, 31 * 24h);
    }
    SECTION("deployed by a new OAT") {
        site.target.spec.oat_version = "4.3.2";
    }
    for (const auto& finding : examine(site.target, site.survey)) {
        INFO(finding.name << ": " << finding.message);
        CHECK(false);
    }
}

TEST_CASE("a sound site of several nodes and regions has no findings, and each node its duties",
          "[precheck]") {
    Site site;
    site.add_node("10.0.0.2", 1);
    site.add_node("10.0.0.3", 2);
    site.add_node("10.0.0.4", 2);
    auto& nodes = site.survey.nodes;
    // The first of cm_nodes is not the first in the manifest.
    nodes[2].settings->cm_nodes = nodes[3].settings->cm_nodes = {"10.0.0.4", "10.0.0.3"};
    for (const auto& finding : examine(site.target, site.survey)) {
        INFO(finding.name << ": " << finding.message);
        CHECK(false);
    }
    CHECK(heartbeat_databases_of(site.survey) == std::vector<std::string>{"hb", "hb_2"});
    const auto duties = [&] {
        api::Status status;
        record_survey(site.target, site.survey, status);
        std::string text;
        for (const auto& node : status.before.nodes) {
            text += node.region + (node.migrates_schema ? " jar" : "") +
                    (node.upgrades_metadata ? " script" : "") + "; ";
        }
        return text;
    };
    CHECK(duties() == "r jar script; r; r2; r2 jar script; ");
    SECTION("docker_upgrade.sh runs on each node of a region that does not share its cm_nodes") {
        nodes[3].settings->cm_nodes = {"10.0.0.4"};
        nodes[2].settings->cm_nodes = {"10.0.0.3"};
        CHECK(duties() == "r jar script; r; r2 jar script; r2 script; ");
    }
    SECTION("nothing runs on a node that only holds components") {
        site.target.spec.nodes[3].role = api::Role::Component;
        CHECK(duties() == "r jar script; r; r2 jar script; r2; ");
    }
}

TEST_CASE("each fault of a site is found, with a remedy, and can be waived", "[precheck]") {
    for (const auto& fault : kFaults) {
        Site site;
        fault.make(site);
        const auto findings = examine(site.target, site.survey);
        const auto at = std::find_if(findings.begin(), findings.end(), [&](const auto& finding) {
            return finding.name == fault.finding;
        });
        INFO(fault.finding);
        REQUIRE(at != findings.end());
        CHECK_FALSE(at->message.empty());
        CHECK_FALSE(at->remedy.empty());
        CHECK_FALSE(at->waived);

        site.target.spec.prechecks.waive = {fault.finding};
        for (const auto& finding : examine(site.target, site.survey))
            CHECK(finding.waived == (finding.name == fault.finding));
    }
}

TEST_CASE("a new OMS that runs beside the old one cannot be waived", "[precheck]") {
    Site site;
    runtime::Container made = *site.node().container;
    made.id = "made by hand";
    site.node().containers = {*site.node().container, made};
    site.target.spec.prechecks.waive = {"BegunByHand"};
    REQUIRE(made.running);
    const auto findings = examine(site.target, site.survey);
    const auto at = std::find_if(findings.begin(), findings.end(), [&](const auto& finding) {
        return finding.name == "BegunByHand";
    });
    REQUIRE(at != findings.end());
    CHECK_FALSE(at->waived);
}

TEST_CASE("what only warns, or tells, does not stop an upgrade", "[precheck]") {
    Site site;
    site.has_certificate(100h, 29 * 24h);
    site.target.spec.oat_version = "4.3.1";
    site.survey.archive->is_compressed = true;
    const auto findings = examine(site.target, site.survey);
    CHECK(findings.size() == 3);
    for (const auto& finding : findings) CHECK(finding.severity != api::Severity::Error);
}

TEST_CASE("all findings come at once", "[precheck]") {
    Site site;
    site.survey.backup_free_bytes = 0;
    site.survey.archive_bytes.reset();
    site.survey.meta->ha_config = "?";
    CHECK(examine(site.target, site.survey).size() == 3);
}

}  // namespace
}  // namespace oms::upgrade
