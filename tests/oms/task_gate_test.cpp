// Goal: a task passes the gate exactly where the procedure's table lets it, and what the procedure
//       or OMS leaves open is Unknown, never Pass.
// Method: every row of the table ("make sure that all data migration and synchronization tasks have
//         proceeded to the expected step") with the step not reached, being reached and behind.

#include "oms/task_gate.hpp"

#include "catch.hpp"

namespace oms {
namespace {

enum class Answer { Pass, Blocked, Unknown };

Answer kind_of(const GateAnswer& answer) {
    if (std::holds_alternative<GatePass>(answer)) return Answer::Pass;
    return std::holds_alternative<GateBlocked>(answer) ? Answer::Blocked : Answer::Unknown;
}

struct Flags {
    bool full;
    bool incremental;
    bool reverse;
};

GateTask task(Flags flags, std::vector<TaskStep> steps, std::string status = "RUNNING") {
    return {.id = "np_1",
            .name = "orders",
            .type = "MIGRATION",
            .status = std::move(status),
            .full = flags.full,
            .incremental = flags.incremental,
            .reverse = flags.reverse,
            .current_step = {},
            .steps = std::move(steps)};
}

std::vector<TaskStep> at(const std::string& full, int progress, const std::string& reverse) {
    return {{"TRANSFER_PRECHECK", "FINISHED", 100},
            {"FULL_TRANSFER", full, progress},
            {"INCR_TRANSFER", "MONITORING", 100},
            {"REVERSE_INCR_TRANSFER", reverse, 0}};
}

struct Row {
    std::string world;
    GateTask task;
    Answer answer;
};

TEST_CASE("every row of the procedure's table", "[gate]") {
    const Flags both{true, true, true};
    const Flags full{true, false, true};
    const Flags incremental{false, true, true};
    const Flags neither{false, false, true};
    const Flags off{true, true, false};
    const std::vector<Row> rows{
        // "a task includes the full migration and incremental synchronization steps"
        {"both, before it", task(both, at("FINISHED", 100, "INIT")), Answer::Blocked},
        {"both, begun", task(both, at("FINISHED", 100, "RUNNING")), Answer::Pass},
        {"both, steady", task(both, at("FINISHED", 100, "MONITORING")), Answer::Pass},
        {"both, behind it", task(both, at("FINISHED", 100, "FINISHED")), Answer::Pass},
        {"both, full still running", task(both, at("RUNNING", 57, "INIT")), Answer::Blocked},
        // "the full migration step but not the incremental synchronization step"
        {"full, not begun", task(full, at("INIT", 0, "INIT")), Answer::Blocked},
        {"full, running", task(full, at("RUNNING", 99, "INIT")), Answer::Blocked},
        {"full, failed", task(full, at("FAILED", 57, "INIT")), Answer::Blocked},
        {"full, complete", task(full, at("FINISHED", 100, "INIT")), Answer::Pass},
        {"full, said to be over and not complete",
         task(full, at("FINISHED", 99, "INIT")),
         Answer::Unknown},
        // "the incremental synchronization step but not the full migration step"
        {"incremental, before it", task(incremental, at("INIT", 0, "INIT")), Answer::Blocked},
        {"incremental, begun", task(incremental, at("INIT", 0, "MONITORING")), Answer::Pass},
        // "does not include the full migration or incremental synchronization step"
        {"neither", task(neither, {}), Answer::Pass},
        // "If reverse increment is disabled"
        {"reverse is off", task(off, at("RUNNING", 1, "INIT")), Answer::Pass},
        {"reverse is off, and no step is told", task(off, {}), Answer::Pass},
    };
    for (const auto& row : rows) {
        INFO(row.world);
        CHECK(kind_of(judge_task(row.task)) == row.answer);
    }
}

TEST_CASE("what the procedure leaves open is unknown", "[gate]") {
    const Flags both{true, true, true};
    for (const std::string status : {"SUSPEND", "FAILED"}) {
        CHECK(kind_of(judge_task(task(both, at("FINISHED", 100, status)))) == Answer::Unknown);
        // The task itself may be paused where it is: its step has been entered.
        CHECK(kind_of(judge_task(task(both, at("FINISHED", 100, "MONITORING"), status))) ==
              Answer::Pass);
        CHECK(kind_of(judge_task(task(both, at("FINISHED", 100, "INIT"), status))) ==
              Answer::Blocked);
    }
    CHECK(kind_of(judge_task(task(both, at("FINISHED", 100, "INIT"), "FINISHED"))) ==
          Answer::Unknown);
    CHECK(kind_of(judge_task(task(both, at("FINISHED", 100, "INIT"), "INIT"))) == Answer::Blocked);
    CHECK(kind_of(judge_task(task(both, at("FINISHED", 100, "PAUSED")))) == Answer::Unknown);
    CHECK(kind_of(judge_task(task(both, at("FINISHED", 100, "INIT"), "ARCHIVED"))) ==
          Answer::Unknown);
}

TEST_CASE("what OMS does not tell is unknown", "[gate]") {
    GateTask silent = task({true, true, true}, {});
    CHECK(kind_of(judge_task(silent)) == Answer::Unknown);
    silent = task({true, false, true}, {});
    CHECK(kind_of(judge_task(silent)) == Answer::Unknown);
    silent = task({true, true, true}, {{"FULL_TRANSFER", "FINISHED", 100}});
    CHECK(kind_of(judge_task(silent)) == Answer::Unknown);
    silent = task({true, true, true}, at("FINISHED", 100, "MONITORING"));
    silent.reverse.reset();
    CHECK(kind_of(judge_task(silent)) == Answer::Unknown);
    silent = task({true, true, true}, at("FINISHED", 100, "MONITORING"));
    silent.full.reset();
    CHECK(kind_of(judge_task(silent)) == Answer::Unknown);
}

TEST_CASE("a task that is gone does not count", "[gate]") {
    for (const std::string status : {"RELEASING", "RELEASED", "DELETED"}) {
        GateTask gone{.id = "np_1", .name = {}, .type = "SYNC", .status = status};
        CHECK(judge_task(gone) == GateAnswer{GatePass{}});
    }
}

TEST_CASE("the steps of the older model count as the newer ones do", "[gate]") {
    const std::vector<TaskStep> before{{"FULL_MIGRATION", "FINISHED", 100},
                                       {"INCR_SYNC", "MONITORING", 100},
                                       {"REVERSE_INCR_SYNC", "INIT", 0}};
    CHECK(judge_task(task({true, true, true}, before)) ==
          GateAnswer{GateBlocked{"INCR_SYNC (MONITORING)", "enter REVERSE_INCR_SYNC"}});
    CHECK(kind_of(judge_task(task({true, false, true}, before))) == Answer::Pass);

    // The API of 3.3.0 tells the current step alone.
    GateTask only = task({true, true, true}, {});
    only.current_step = "INCR_SYNC";
    CHECK(judge_task(only) == GateAnswer{GateBlocked{"INCR_SYNC", "enter REVERSE_INCR_SYNC"}});
    only.current_step = "REVERSE_INCR_SYNC";
    CHECK(judge_task(only) == GateAnswer{GatePass{}});
    only.status = "SUSPEND";
    CHECK(kind_of(judge_task(only)) == Answer::Unknown);
}

TEST_CASE("a blocked task is named with its step and with what it must reach", "[gate]") {
    const GateTask blocked = task({true, false, true}, at("RUNNING", 57, "INIT"));
    CHECK(judge_task(blocked) ==
          GateAnswer{GateBlocked{"INCR_TRANSFER (MONITORING)", "complete FULL_TRANSFER"}});
    CHECK(title_of(blocked) == "the migration task np_1 (orders)");
    const GateTask unbegun = task({true, true, true}, {{"REVERSE_INCR_TRANSFER", "INIT", 0}});
    CHECK(judge_task(unbegun) ==
          GateAnswer{GateBlocked{"no step yet", "enter REVERSE_INCR_TRANSFER"}});
}

}  // namespace
}  // namespace oms
