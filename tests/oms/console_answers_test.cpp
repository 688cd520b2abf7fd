// Goal: what the console answers is read as it is documented, and nothing else is taken for it.
// Method: the documented samples (DescribeProjectSteps, the progress of 3.3.0), a row of
// ListProjects
//         by its table, and each with something broken.

#include "oms/console_answers.hpp"

#include "base/error.hpp"
#include "catch.hpp"

#include <string>

namespace oms {
namespace {

// The documented sample, its long parts left out.
const std::string kSteps = R"({
  "success": true, "errorDetail": null, "code": null, "message": null, "advice": null,
  "requestId": "3b1ad52a", "pageNumber": null, "pageSize": null, "totalCount": null,
  "cost": "4 ms",
  "data": [
    {"order": 4, "name": "FULL_TRANSFER", "description": "Full migration", "status": "FINISHED",
     "extraInfo": {"errorDetails": null}, "startTime": "2023-07-17T23:07:15",
     "finishTime": "2023-07-17T23:07:35", "progress": 100,
     "stepInfo": {"processedRecords": 92198}},
    {"order": "9", "name": "REVERSE_INCR_TRANSFER", "status": "INIT", "startTime": null,
     "finishTime": null, "progress": "0", "stepInfo": null},
    {"order": 6, "name": "INCR_TRANSFER", "status": "MONITORING", "progress": 100}
  ]})";

std::string page(const std::string& row) {
    return R"({"success":true,"pageNumber":"1","pageSize":"50","totalCount":"1","data":[)" + row +
           "]}";
}

TEST_CASE("steps come in their order, numbers as numbers or as texts", "[console]") {
    CHECK(read_steps(kSteps) == std::vector<TaskStep>{{"FULL_TRANSFER", "FINISHED", 100},
                                                      {"INCR_TRANSFER", "MONITORING", 100},
                                                      {"REVERSE_INCR_TRANSFER", "INIT", 0}});
}

TEST_CASE("a page of projects", "[console]") {
    const ProjectsPage found = read_projects(
        page(R"({"id":"np_4w3r","name":"orders 订单","type":"MIGRATION","status":"RUNNING",)"
             R"("isSubProject":true,"enableFullTransfer":true,"enableIncrTransfer":"false",)"
             R"("enableReverseIncrTransfer":null,"steps":null,"labels":[]})"));
    CHECK(found.total == 1);
    REQUIRE(found.tasks.size() == 1);
    const GateTask& task = found.tasks[0];
    CHECK(task.id == "np_4w3r");
    CHECK(task.name == "orders 订单");
    CHECK(task.full == true);
    CHECK(task.incremental == false);
    CHECK_FALSE(task.reverse.has_value());
    CHECK(task.is_sub_task);
}

TEST_CASE("the progress of 3.3.0", "[console]") {
    const auto body = [](const std::string& incremental, const std::string& rest) {
        return R"({"success":true,"code":"success","data":{"status":"RUNNING","importance":"HIGH",)"
               R"("enableStructMigration":true,"enableFullMigration":true,"enableIncrSync":)" +
               incremental + R"(,"enableReverseIncrSync":true,)" + rest + "}}";
    };
    const auto judged = [&](const std::string& incremental, const std::string& rest) {
        return judge_task(read_progress(body(incremental, rest), "MIGRATION"));
    };
    CHECK(judged("true", R"("currentStep":"REVERSE_INCR_SYNC","fullMigrationProgress":100)") ==
          GateAnswer{GatePass{}});
    CHECK(judged("true", R"("currentStep":"INCR_SYNC","fullMigrationProgress":100)") ==
          GateAnswer{GateBlocked{"INCR_SYNC", "enter REVERSE_INCR_SYNC"}});
    CHECK(judged("false", R"("currentStep":"FULL_VALIDATION","fullMigrationProgress":"100")") ==
          GateAnswer{GatePass{}});
    CHECK(judged("false", R"("currentStep":"FULL_MIGRATION","fullMigrationProgress":"40")") ==
          GateAnswer{GateBlocked{"FULL_MIGRATION (RUNNING 40%)", "complete FULL_MIGRATION"}});
    CHECK(
        std::holds_alternative<GateUnknown>(judged("false", R"("currentStep":"FULL_MIGRATION")")));
    // A synchronization has no reverse increment in that model.
    CHECK(judge_task(
              read_progress(R"({"success":true,"data":{"status":"RUNNING","enableFullSync":false,)"
                            R"("enableIncrSync":true,"currentStep":"CONNECTOR_INCR_SYNC"}})",
                            "SYNC")) == GateAnswer{GatePass{}});
}

TEST_CASE("an answer that is not as documented is refused", "[console]") {
    for (const std::string& body :
         {std::string("<html>502</html>"),
          std::string(),
          std::string("[]"),
          std::string(R"({"success":true})"),
          std::string(R"({"success":true,"data":{}})"),
          std::string(R"({"success":false,"code":"PARAM_ERROR","message":"no","data":[]})"),
          std::string(R"({"data":[]})"),
          page(R"({"name":"without an id"})"),
          page(R"({"id":"../../etc"})"),
          page(R"({"id":"np_1","enableFullTransfer":"perhaps"})"),
          page(R"({"id":"np_1","status":7})"),
          page("7")}) {
        INFO(body);
        CHECK_THROWS_AS(read_projects(body), Terminal);
    }
    CHECK_THROWS_WITH(
        read_projects(R"({"success":false,"code":"PARAM_ERROR","message":"bad page"})"),
        Catch::Matchers::Contains("PARAM_ERROR bad page"));
}

}  // namespace
}  // namespace oms
