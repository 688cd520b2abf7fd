// Goal: the report of an upgrade tells what happened, shows no secret, and refers to nothing
// outside. Method: reports of voyages in the fakes' world, and of a resource with hostile texts.

#include "upgrade/html_report.hpp"

#include "base/error.hpp"
#include "catch.hpp"
#include "fakes/voyage.hpp"
#include "oms/config.hpp"

namespace oms::upgrade {
namespace {

bool holds(const std::string& page, const std::string& text) {
    return page.find(text) != std::string::npos;
}

std::string report_of(const fakes::Voyage& voyage) {
    const std::string& config = voyage.world.kept.at("config.yaml");
    return html_report(
        voyage.resource, {{"oms_430", config, split_meta_keys(config)}}, voyage.world.now);
}

TEST_CASE("the report of an upgrade holds its phases, times, backup and changes", "[report]") {
    fakes::Voyage voyage;
    voyage.run_to_the_end();
    const std::string page = report_of(voyage);
    for (const auto* text : {"OMS 4.3.0 to 4.3.1",
                             "outcome Succeeded",
                             "BackupMetaDB",
                             "T1, OMS stopped",
                             "Downtime by part",
                             "/backup/oms_cm_hb.sql.zst",
                             "10.0.0.1",
                             "class=\"removed\">- &quot;oms_meta_host&quot;",
                             "class=\"added\">+ &quot;oms_rm_meta_host&quot;",
                             "perceiveStoreClientCheckpoint",
                             "browser cache"}) {
        INFO(text);
        CHECK(holds(page, text));
    }
    CHECK_FALSE(holds(page, "ob_password"));
    CHECK_FALSE(holds(page, "http-equiv"));
    CHECK_FALSE(holds(page, "<script"));
    CHECK_FALSE(holds(page, "src="));
    CHECK_FALSE(holds(page, "href="));
}

TEST_CASE("the report of an upgrade that was taken back says so", "[report]") {
    fakes::Voyage voyage;
    voyage.world.nature.script_exit = 3;
    voyage.run_to_the_end();
    const std::string page = report_of(voyage);
    CHECK(holds(page, "outcome RolledBack"));
    CHECK(holds(page, "T3, the new OMS stopped"));
    CHECK(holds(page, "StopOMS (back)"));
    CHECK(holds(page, "ended with 3"));
}

TEST_CASE("what a report is made of cannot become markup", "[report]") {
    fakes::Voyage voyage;
    voyage.run_to_the_end();
    voyage.resource.status.message = "<img src=x onerror='alert(1)'> & \"more\"";
    voyage.resource.status.follow_up = {"</ul><script>"};
    const std::string page = report_of(voyage);
    CHECK(holds(page, "&lt;img src=x onerror=&#39;alert(1)&#39;&gt; &amp; &quot;more&quot;"));
    CHECK_FALSE(holds(page, "<script"));
    CHECK_FALSE(holds(page, "<img"));
}

TEST_CASE("an upgrade that was not begun has no report", "[report]") {
    CHECK_THROWS_AS(html_report(fakes::smallest_upgrade(), {}, Time{}), Terminal);
}

}  // namespace
}  // namespace oms::upgrade
