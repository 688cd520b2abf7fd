#include "upgrade/decide.hpp"

#include "base/error.hpp"
#include "catch.hpp"

namespace oms::upgrade {
namespace {

using namespace std::chrono_literals;

const Time kNow{1'000'000s};

Policy three_phases() {
    return {.phases = {{"Look", 60s, 0, false}, {"Stop", 600s, 3, true}, {"Start", 600s, 1, true}}};
}

Cursor at(const std::string& phase, Goal goal = Goal::Applied, int pushes = 0) {
    return {.phase = phase, .goal = goal, .pushes = pushes, .since = kNow - 10s};
}

template <class T>
T decided(const Cursor& cursor, const Verdict& verdict, const Policy& policy = three_phases()) {
    const Decision decision = decide(cursor, verdict, policy, kNow);
    REQUIRE(std::holds_alternative<T>(decision));
    return std::get<T>(decision);
}

TEST_CASE("a phase that is done hands on to the next", "[decide]") {
    const Move move = decided<Move>(at("Stop"), Done{});
    CHECK(move.to == Cursor{.phase = "Start", .goal = Goal::Applied, .pushes = 0, .since = kNow});
}

TEST_CASE("the last phase that is done ends the upgrade", "[decide]") {
    CHECK(decided<Finish>(at("Start"), Done{}).outcome == Outcome::Succeeded);
}

TEST_CASE("a phase that is due is pushed, and the push is counted beforehand", "[decide]") {
    const Push push = decided<Push>(at("Stop", Goal::Applied, 2), Due{"it runs"});
    CHECK(push.at.pushes == 3);
    CHECK(push.at.phase == "Stop");
    CHECK(push.why == "it runs");
}

TEST_CASE("a phase that was pushed in vain as often as allowed turns the upgrade around",
          "[decide]") {
    const Move move = decided<Move>(at("Stop", Goal::Applied, 3), Due{"it runs"});
    CHECK(move.to.phase == "Stop");
    CHECK(move.to.goal == Goal::Reverted);
    CHECK(move.to.pushes == 0);
    CHECK(move.to.failure == "Stop: it runs (after 3 attempts)");
}

TEST_CASE("a deadline ends pushing and waiting alike, and never cuts off what is done",
          "[decide]") {
    Cursor late = at("Stop");
    late.since = kNow - 601s;
    CHECK(decided<Move>(late, Due{"it runs"}).to.goal == Goal::Reverted);
    CHECK(decided<Move>(late, Pending{"it ends"}).to.goal == Goal::Reverted);
    CHECK(decided<Move>(late, Done{}).to.phase == "Start");
    late.since = kNow - 600s;
    decided<Wait>(late, Pending{"it ends"});
}

TEST_CASE("a phase without a deadline waits for ever", "[decide]") {
    Policy policy = three_phases();
    policy.phases[1].deadline = 0s;
    Cursor cursor = at("Stop");
    cursor.since = Time{};
    decided<Wait>(cursor, Pending{"nobody has said yes"}, policy);
}

TEST_CASE("what fails before OMS is touched is refused, and nothing is gone back for", "[decide]") {
    const Finish finish = decided<Finish>(at("Look"), Stuck{"no such container"});
    CHECK(finish.outcome == Outcome::Refused);
    CHECK(finish.why == "Look: no such container");
}

TEST_CASE("the way back starts with the phase that failed, and ends with the first", "[decide]") {
    CHECK(decided<Move>(at("Start"), Stuck{"no"}).to.phase == "Start");
    CHECK(decided<Move>(at("Start", Goal::Reverted), Done{}).to.phase == "Stop");
    CHECK(decided<Finish>(at("Look", Goal::Reverted), Done{}).outcome == Outcome::RolledBack);
}

TEST_CASE("the cause survives the whole way back", "[decide]") {
    Cursor back = at("Start", Goal::Reverted);
    back.failure = "Start: no";
    CHECK(decided<Move>(back, Done{}).to.failure == "Start: no");
}

TEST_CASE("a way back that fails stops where it is", "[decide]") {
    const Finish finish = decided<Finish>(at("Stop", Goal::Reverted), Stuck{"gone"});
    CHECK(finish.outcome == Outcome::Failed);
    CHECK(finish.why == "the rollback failed in Stop: gone");
    CHECK(decided<Finish>(at("Stop", Goal::Reverted, 3), Due{"x"}).outcome == Outcome::Failed);
}

TEST_CASE("with rollback by hand a failure is held, until the goal is changed", "[decide]") {
    Policy policy = three_phases();
    policy.roll_back_by_itself = false;
    const Hold hold = decided<Hold>(at("Stop"), Stuck{"no"}, policy);
    CHECK(hold.at.goal == Goal::Applied);
    CHECK(hold.at.failure == "Stop: no");
    // It stays held even when the world would now allow to go on.
    decided<Hold>(hold.at, Done{}, policy);
    Cursor back = hold.at;
    back.goal = Goal::Reverted;
    decided<Move>(back, Done{}, policy);
}

TEST_CASE("a phase of a newer operator is not guessed at", "[decide]") {
    CHECK_THROWS_AS(decide(at("Teleport"), Done{}, three_phases(), kNow), Terminal);
}

}  // namespace
}  // namespace oms::upgrade
