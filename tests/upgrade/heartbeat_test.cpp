// Goal: the heartbeat table is compacted from every state the five statements can be left in.
// Method: interrupt them after each one, also in the middle of somebody else's earlier attempt, and
//         follow next_statement() to the end on a model of the three tables.

#include "upgrade/heartbeat.hpp"

#include "catch.hpp"

namespace oms::upgrade {
namespace {

using metadb::HeartbeatStatement;
using metadb::HeartbeatTable;
using metadb::HeartbeatTables;

void carry_out(HeartbeatTables& tables, HeartbeatStatement statement) {
    switch (statement) {
        case HeartbeatStatement::CreateCopy:
            if (!tables.copy) tables.copy.emplace();
            break;
        case HeartbeatStatement::FillCopy:
            tables.copy->rows +=
                tables.copy->newest_id == tables.sequence.value().newest_id ? 0 : 1;
            tables.copy->newest_id = tables.sequence->newest_id;
            break;
        case HeartbeatStatement::MoveOriginalAside:
            REQUIRE_FALSE(tables.aside.has_value());
            std::swap(tables.sequence, tables.aside);
            break;
        case HeartbeatStatement::MoveCopyIn:
            REQUIRE_FALSE(tables.sequence.has_value());
            std::swap(tables.copy, tables.sequence);
            break;
        case HeartbeatStatement::DropOriginal:
            REQUIRE(tables.sequence->newest_id >= tables.aside.value().newest_id);
            tables.aside.reset();
            break;
    }
}

void check_ends_well(HeartbeatTables tables, std::uint64_t newest) {
    for (int i = 0; i < 11; ++i) {
        const NextStatement next = next_statement(tables);
        if (const auto* statement = std::get_if<HeartbeatStatement>(&next)) {
            carry_out(tables, *statement);
            continue;
        }
        REQUIRE(std::holds_alternative<std::monostate>(next));
        CHECK(tables.sequence->rows <= 1);
        CHECK(tables.sequence->newest_id == newest);
        CHECK_FALSE(tables.copy.has_value());
        CHECK_FALSE(tables.aside.has_value());
        return;
    }
    FAIL("it does not come to an end");
}

TEST_CASE("heatbeat_sequence is compacted from every half-way state", "[heartbeat]") {
    const HeartbeatTable full{3, 100};
    const HeartbeatTable newest{1, 100};
    const HeartbeatTable stale{1, 60};
    check_ends_well({.sequence = full}, 100);
    check_ends_well({.sequence = newest}, 100);
    check_ends_well({.sequence = full, .copy = HeartbeatTable{}}, 100);
    check_ends_well({.sequence = full, .copy = newest}, 100);
    check_ends_well({.sequence = full, .copy = stale}, 100);
    check_ends_well({.copy = newest, .aside = full}, 100);
    check_ends_well({.copy = newest}, 100);
    check_ends_well({.sequence = newest, .aside = full}, 100);
    // OMS has run on the new table since somebody left the old one aside.
    check_ends_well({.sequence = HeartbeatTable{3, 120}, .aside = full}, 120);
    check_ends_well({.sequence = HeartbeatTable{}}, 0);
}

TEST_CASE("where ids would be lost a person is told, and no statement is made", "[heartbeat]") {
    const HeartbeatTable full{3, 100};
    const std::vector<HeartbeatTables> lost{
        {},
        {.aside = full},
        {.copy = HeartbeatTable{}, .aside = full},
        {.sequence = HeartbeatTable{}, .aside = full},
        {.sequence = HeartbeatTable{1, 60}, .aside = full},
    };
    for (const auto& tables : lost) {
        const NextStatement next = next_statement(tables);
        REQUIRE(std::holds_alternative<std::string>(next));
        CHECK_FALSE(std::get<std::string>(next).empty());
    }
}

}  // namespace
}  // namespace oms::upgrade
