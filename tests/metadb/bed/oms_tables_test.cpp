// Goal: the looks and touches on OMS's own tables say and do what MetaDb promises, from every
// state.

#include "base/error.hpp"
#include "bed.hpp"
#include "catch.hpp"

namespace oms::metadb::bed {
namespace {

TEST_CASE("ha.config is swapped only if it still is what was read", "[metadb][bed]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        Site site(server);
        MetaDb& meta = site.meta();
        const std::string& rm = site.database();
        CHECK_THROWS_AS(meta.ha_config(rm), Terminal);
        site.run(
            {"CREATE TABLE oms_normal_config (id int PRIMARY KEY AUTO_INCREMENT, cfg_name "
             "varchar(64), cfg_value text) COLLATE utf8mb4_general_ci"});
        CHECK_FALSE(meta.ha_config(rm).has_value());
        CHECK_FALSE(meta.swap_ha_config(rm, "", "x"));

        const std::string first = "{\"enable\": true, \"note\": \"it's \\\\ 你\"} \n";
        site.run(
            {"INSERT INTO oms_normal_config (cfg_name, cfg_value) VALUES ('HA.CONFIG', 'no'), "
             "('ha.config', '{\"enable\": true, \"note\": \"it''s \\\\\\\\ 你\"} \\n'), "
             "('other', 'x')"});
        CHECK(meta.ha_config(rm) == first);
        // Equal but for a trailing space, and but for case: not what was read.
        CHECK_FALSE(meta.swap_ha_config(rm, first + " ", "x"));
        CHECK_FALSE(meta.swap_ha_config(rm, "{\"Enable\"" + first.substr(9), "x"));
        CHECK(meta.ha_config(rm) == first);
        CHECK(meta.swap_ha_config(rm, first, first));
        CHECK(meta.swap_ha_config(rm, first, "{\"a\":'\\'} "));
        CHECK(meta.ha_config(rm) == "{\"a\":'\\'} ");
        // Of two writers who read the same, one wins.
        CHECK(meta.swap_ha_config(rm, "{\"a\":'\\'} ", "one"));
        CHECK_FALSE(make_meta_db(site.address())->swap_ha_config(rm, "{\"a\":'\\'} ", "two"));
        CHECK(meta.ha_config(rm) == "one");
        CHECK(site.session().value("SELECT cfg_value FROM oms_normal_config WHERE id = 1") == "no");

        site.run(
            {"INSERT INTO oms_normal_config (cfg_name, cfg_value) VALUES ('ha.config', 'one')"});
        CHECK_THROWS_AS(meta.ha_config(rm), Terminal);
        CHECK_THROWS_AS(meta.swap_ha_config(rm, "one", "two"), Terminal);
    }
}

TEST_CASE("version, hosts, heartbeats and projects are read as OMS keeps them", "[metadb][bed]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        Site site(server);
        MetaDb& meta = site.meta();
        const std::string& db = site.database();
        CHECK(meta.info().is_oceanbase == server.is_oceanbase);
        CHECK(std::abs(meta.info().clock_ahead.count()) < 60);
        CHECK(meta.has_database(db));
        CHECK_FALSE(meta.has_database("no_such_database"));
        CHECK_FALSE(meta.oms_version(db).has_value());
        CHECK(meta.full_import_projects(db, db).empty());
        site.run(
            {"CREATE TABLE oms_version (version varchar(64) PRIMARY KEY, gmt_modified timestamp "
             "NOT NULL DEFAULT CURRENT_TIMESTAMP)",
             "INSERT INTO oms_version VALUES ('4.2.5', '2024-01-01'), ('4.3.0', '2025-01-01'), "
             "('4.1.0', '2023-01-01')",
             "CREATE TABLE host (ip varchar(64), host_status varchar(32))",
             "INSERT INTO host VALUES ('10.0.0.2', 'OFFLINE'), ('10.0.0.1', 'ONLINE')",
             "CREATE TABLE transfer (name varchar(64), status varchar(32), current_step "
             "varchar(64), note int)",
             "INSERT INTO transfer VALUES ('p1', 'RUNNING', 'FULL_TRANSFER', 1), ('p2', "
             "'FINISHED', 'FULL_TRANSFER', 1), ('p3', 'RUNNING', 'INCR_TRANSFER', 1)"});
        // In the server's own time, as OMS writes it, which is not the test session's.
        Session looks({site.address()}, Purpose::Look);
        looks.execute("CREATE TABLE " + db +
                      ".heart_beat (task_name varchar(32), host_ip varchar(64), "
                      "gmt_modified datetime)");
        looks.execute(
            "INSERT INTO " + db +
            ".heart_beat VALUES ('supervisor', '10.0.0.1', NOW()), "
            "('supervisor', '10.0.0.2', NOW() - INTERVAL 600 SECOND), ('store', 'x', NOW())");
        CHECK(meta.oms_version(db) == "4.3.0");
        CHECK(meta.hosts(db) ==
              std::vector<HostRow>{{"10.0.0.1", "ONLINE"}, {"10.0.0.2", "OFFLINE"}});
        CHECK(meta.full_import_projects(db, db) == std::vector<std::string>{"p1"});
        const auto beats = meta.supervisor_beats(db);
        REQUIRE(beats.size() == 2);
        CHECK(beats[0].age.count() >= 0);
        CHECK(beats[0].age.count() < 60);
        CHECK(beats[1].age.count() >= 600);
        CHECK(beats[1].age.count() < 660);
    }
}

const std::string kColumns =
    " (`id` bigint(20) NOT NULL AUTO_INCREMENT COMMENT 'PK', `gmt_created` datetime NOT NULL, "
    "`gmt_modified` datetime NOT NULL, PRIMARY KEY (`id`)) DEFAULT CHARSET=utf8";

constexpr HeartbeatStatement kStatements[]{HeartbeatStatement::CreateCopy,
                                           HeartbeatStatement::FillCopy,
                                           HeartbeatStatement::MoveOriginalAside,
                                           HeartbeatStatement::MoveCopyIn,
                                           HeartbeatStatement::DropOriginal};

void make_sequence(Site& site) {
    site.run({"DROP TABLE IF EXISTS heatbeat_sequence",
              "DROP TABLE IF EXISTS heatbeat_sequence_bak",
              "DROP TABLE IF EXISTS heatbeat_sequence_bak2",
              "CREATE TABLE heatbeat_sequence" + kColumns,
              "INSERT INTO heatbeat_sequence (gmt_created, gmt_modified) VALUES (NOW(), NOW()), "
              "(NOW(), NOW()), (NOW(), NOW()), (NOW(), NOW())",
              "INSERT INTO heatbeat_sequence VALUES (1000, NOW(), NOW())"});
}

// Goal: the five statements end in the same place wherever they were broken off.
// Method: run the first n, then each of those again and the rest, each twice.
TEST_CASE("the heartbeat table is compacted from every half-way state", "[metadb][bed]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        Site site(server);
        MetaDb& meta = site.meta();
        for (std::size_t done = 0; done <= std::size(kStatements); ++done) {
            INFO("broken off after " << done << " statements");
            make_sequence(site);
            for (std::size_t i = 0; i < done; ++i) meta.run(site.database(), kStatements[i]);
            if (done == 4) {
                const auto tables = meta.heartbeat_tables(site.database());
                CHECK(tables.sequence == HeartbeatTable{1, 1000});
                CHECK_FALSE(tables.copy.has_value());
                CHECK(tables.aside == HeartbeatTable{3, 1000});  // counted no further
            }
            for (std::size_t i = done == 0 ? 0 : done - 1; i < std::size(kStatements); ++i) {
                meta.run(site.database(), kStatements[i]);
                meta.run(site.database(), kStatements[i]);
            }
            CHECK(meta.heartbeat_tables(site.database()) ==
                  HeartbeatTables{.sequence = HeartbeatTable{1, 1000}});
            site.run(
                {"INSERT INTO heatbeat_sequence (gmt_created, gmt_modified) VALUES (NOW(), "
                 "NOW())"});
            CHECK(meta.heartbeat_tables(site.database()).sequence->newest_id > 1000);
        }
    }
}

TEST_CASE("the only table with the newest heartbeat id is never dropped", "[metadb][bed]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        Site site(server);
        MetaDb& meta = site.meta();
        make_sequence(site);
        site.run({"ALTER TABLE heatbeat_sequence RENAME TO heatbeat_sequence_bak2"});
        CHECK_THROWS_AS(meta.run(site.database(), HeartbeatStatement::DropOriginal), Terminal);
        CHECK_THROWS_AS(meta.run(site.database(), HeartbeatStatement::MoveCopyIn), Terminal);
        site.run({"CREATE TABLE heatbeat_sequence" + kColumns,
                  "INSERT INTO heatbeat_sequence VALUES (999, NOW(), NOW())"});
        CHECK_THROWS_AS(meta.run(site.database(), HeartbeatStatement::DropOriginal), Terminal);
        site.run({"INSERT INTO heatbeat_sequence VALUES (1001, NOW(), NOW())"});
        meta.run(site.database(), HeartbeatStatement::DropOriginal);
        CHECK_FALSE(meta.heartbeat_tables(site.database()).aside.has_value());
    }
}

TEST_CASE("a copy from before OMS ran on is brought up to date", "[metadb][bed]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        Site site(server);
        MetaDb& meta = site.meta();
        make_sequence(site);
        meta.run(site.database(), HeartbeatStatement::CreateCopy);
        meta.run(site.database(), HeartbeatStatement::FillCopy);
        site.run({"INSERT INTO heatbeat_sequence VALUES (2000, NOW(), NOW())"});
        CHECK_THROWS_AS(meta.run(site.database(), HeartbeatStatement::MoveOriginalAside),
                        Transient);
        meta.run(site.database(), HeartbeatStatement::FillCopy);
        CHECK(meta.heartbeat_tables(site.database()).copy == HeartbeatTable{1, 2000});
    }
}

TEST_CASE("an empty heartbeat table goes on counting where it was", "[metadb][bed]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        Site site(server);
        site.run({"CREATE TABLE heatbeat_sequence" + kColumns + " AUTO_INCREMENT = 4711"});
        for (const HeartbeatStatement statement : kStatements)
            site.meta().run(site.database(), statement);
        CHECK(site.meta().heartbeat_tables(site.database()).sequence == HeartbeatTable{0, 0});
        site.run(
            {"INSERT INTO heatbeat_sequence (gmt_created, gmt_modified) VALUES (NOW(), NOW())"});
        CHECK(site.meta().heartbeat_tables(site.database()).sequence->newest_id >= 4711);
    }
}

}  // namespace
}  // namespace oms::metadb::bed
