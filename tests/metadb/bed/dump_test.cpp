// Goal: what a dump holds is what the database held, to the last bit, and everybody can load it.
// Method: the real servers; a database of everything awkward; contents compared by the servers' own
// HEX, before and after, beside the digests that the product itself relies on.

#include "awkward.hpp"
#include "base/error.hpp"
#include "base/files.hpp"
#include "catch.hpp"
#include "metadb/backups.hpp"
#include "metadb/text.hpp"

#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

namespace oms::metadb::bed {
namespace {

DumpManifest dump(Site& site, const DumpOptions& options = {}) {
    site.meta().dump({site.database()}, site.folder(), options, {}, {});
    return make_backups(site.folder())->find(site.database(), true).value();
}

TEST_CASE("a restore brings every table back as it was", "[metadb][bed]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        Site site(server);
        fill_awkwardly(site, server);
        const std::string contents = site.contents();
        const std::string definitions = site.definitions();
        const DumpManifest manifest = dump(site);
        CHECK(site.meta().first_difference(manifest, {}, {}) == std::nullopt);

        site.run(
            {"DROP TABLE no_key", "INSERT INTO `order` VALUES (9, 'y', 9)", "DROP VIEW a_view"});
        CHECK(site.meta().first_difference(manifest, {}, {}).has_value());
        site.meta().restore({manifest}, site.folder(), {}, {});

        CHECK(site.contents() == contents);
        CHECK(site.definitions() == definitions);
        CHECK(site.meta().first_difference(manifest, {}, {}) == std::nullopt);
        CHECK(site.session().value("SELECT " + quote_name(site.database()) + ".fn(1)") == "2");
        // The procedure's --triggers=false.
        CHECK_FALSE(
            site.session()
                .value("SELECT 1 FROM information_schema.triggers WHERE trigger_schema = '" +
                       site.database() + "'")
                .has_value());
    }
}

TEST_CASE("the stock clients load a dump and it is the same", "[metadb][bed]") {
    const auto compression = GENERATE(Compression::Zstd, Compression::None);
    for (const Server& server : servers()) {
        INFO(server.name);
        Site site(server);
        fill_awkwardly(site, server);
        const std::string contents = site.contents();
        const std::string definitions = site.definitions();
        const DumpManifest manifest = dump(site, {.compression = compression, .threads = 2});
        for (const char* client : {"mariadb", "mysql"}) {
            INFO(client);
            // As the procedure has it: without a word about character sets.
            site.run({"DROP DATABASE " + site.database(),
                      "CREATE DATABASE " + site.database(),
                      "USE " + site.database()});
            CHECK(site.load_with_stock_client(client, manifest) == 0);
            CHECK(site.contents() == contents);
            CHECK(site.definitions() == definitions);
            CHECK(site.meta().first_difference(manifest, {}, {}) == std::nullopt);
        }
    }
}

TEST_CASE("a blob nearly as long as the packet comes back", "[metadb][bed]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        Site site(server);
        site.run({"CREATE TABLE t (id int PRIMARY KEY, b longblob)"});
        std::string bytes;
        std::minstd_rand random{7};
        for (int i = 0; i < 12'000'000; ++i) bytes += static_cast<char>(random());
        std::string statement = "INSERT INTO t VALUES (1, ";
        append_long_binary(statement, bytes);
        site.run({statement + ")"});
        const std::string sum = "SELECT SHA1(b) FROM " + site.database() + ".t";
        const auto before = site.session().value(sum);
        const DumpManifest manifest = dump(site);
        site.meta().restore({manifest}, site.folder(), {}, {});
        CHECK(site.session().value(sum) == before);
        CHECK(site.load_with_stock_client("mariadb", manifest) != 0);  // the table is there already
        site.run({"DROP DATABASE " + site.database(),
                  "CREATE DATABASE " + site.database(),
                  "USE " + site.database()});
        CHECK(site.load_with_stock_client("mariadb", manifest) == 0);
        CHECK(site.session().value(sum) == before);
    }
}

TEST_CASE("each kind of difference is found and named", "[metadb][bed]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        Site site(server);
        site.run({"CREATE TABLE t (id int PRIMARY KEY AUTO_INCREMENT, v varchar(10))",
                  "INSERT INTO t VALUES (1, 'a'), (2, NULL)",
                  "CREATE VIEW v AS SELECT id FROM t"});
        const DumpManifest manifest = dump(site);
        const auto difference = [&] {
            return site.meta().first_difference(manifest, {}, {}).value_or("none");
        };
        const std::vector<std::pair<std::vector<std::string>, std::string>> changes{
            {{"UPDATE t SET v = 'A' WHERE id = 1"}, "other values"},
            {{"UPDATE t SET v = '' WHERE id = 2"}, "other values"},
            {{"DELETE FROM t WHERE id = 1"}, "has 1 rows, the dump has 2"},
            {{"ALTER TABLE t AUTO_INCREMENT = 500"}, "defined otherwise"},
            {{"ALTER TABLE t ADD COLUMN w int"}, "defined otherwise"},
            {{"CREATE TABLE u (id int)"}, "table u is not in the dump"},
            {{"DROP TABLE t", "CREATE TABLE w (id int)"}, "table t is missing"},
            {{"DROP VIEW v"}, "view v is missing"},
            {{"DROP VIEW v", "CREATE VIEW v AS SELECT v FROM t"}, "view v is defined otherwise"},
            {{"ALTER DATABASE " + site.database() + " COLLATE utf8mb4_general_ci"}, "defaults"},
            {{"DROP DATABASE " + site.database()}, "there is no database"}};
        for (const auto& [statements, expected] : changes) {
            INFO(statements.front());
            site.run({"USE " + site.database()});
            site.run(statements);
            CHECK_THAT(difference(), Catch::Contains(expected));
            site.meta().restore({manifest}, site.folder(), {}, {});
            CHECK(difference() == "none");
        }
    }
}

// Goal: all tables of a dump are from one moment, whatever is written meanwhile.
// Method: a writer moves amounts between two tables, in transactions; their sum never changes.
TEST_CASE("a dump taken while somebody writes is of one moment", "[metadb][bed]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        Site site(server);
        site.run({"CREATE TABLE a (id int PRIMARY KEY, v bigint, pad varchar(200))",
                  "CREATE TABLE b (id int PRIMARY KEY, v bigint, pad varchar(200))"});
        std::string rows;
        for (int i = 0; i < 60'000; ++i)
            rows += (i == 0 ? "(" : ",(") + std::to_string(i) + ",0,REPEAT('x',20))";
        site.run({"INSERT INTO a VALUES " + rows, "INSERT INTO b VALUES " + rows});
        std::atomic<int> moves{0};
        {
            std::jthread writer([&](std::stop_token stop) {
                Session session({site.address()}, Purpose::Copy);
                session.execute("USE " + site.database());
                for (int i = 0; !stop.stop_requested(); ++i) {
                    const std::string id = std::to_string(i * 7919 % 60'000);
                    session.execute("START TRANSACTION");
                    session.execute("UPDATE a SET v = v + 1 WHERE id = " + id);
                    session.execute("UPDATE b SET v = v - 1 WHERE id = " + id);
                    session.execute("COMMIT");
                    moves = i + 1;
                }
            });
            while (moves < 10) std::this_thread::yield();
            dump(site);
            const int seen = moves;
            while (moves < seen + 10) std::this_thread::yield();
        }
        const DumpManifest manifest = dump(site);
        CHECK(site.meta().first_difference(manifest, {}, {}).has_value());
        site.meta().restore({manifest}, site.folder(), {}, {});
        CHECK(site.session().value("SELECT (SELECT SUM(v) FROM " + site.database() +
                                   ".a) + (SELECT SUM(v) FROM " + site.database() + ".b)") == "0");
    }
}

TEST_CASE("a dump is private, and one that is complete is left alone", "[metadb][bed]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        Site site(server);
        site.run({"CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)"});
        const DumpManifest first = dump(site);
        struct stat seen {};
        for (const auto& entry : std::filesystem::directory_iterator(site.folder())) {
            REQUIRE(::stat(entry.path().c_str(), &seen) == 0);
            CHECK((seen.st_mode & 0777U) == 0600);
            CHECK(entry.path().extension() != ".part");
        }
        REQUIRE(::stat(site.folder().c_str(), &seen) == 0);
        CHECK((seen.st_mode & 0777U) == 0700);

        site.run({"INSERT INTO t VALUES (2)"});
        CHECK(dump(site) == first);
        // Without a manifest it was never complete.
        std::filesystem::remove(site.folder() / (site.database() + ".manifest.json"));
        write_durably(site.folder() / (first.file + ".part"), "half of it");
        CHECK(dump(site).tables.at(0).rows == 2);
    }
}

TEST_CASE("a damaged dump is refused before anything is dropped", "[metadb][bed]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        Site site(server);
        site.run({"CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)"});
        const DumpManifest manifest = dump(site);
        std::string bytes = read_whole(site.folder() / manifest.file).value();
        bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
        write_durably(site.folder() / manifest.file, bytes);
        site.run({"INSERT INTO t VALUES (2)"});
        CHECK_THROWS_AS(site.meta().restore({manifest}, site.folder(), {}, {}), Terminal);
        CHECK(site.session().value("SELECT COUNT(*) FROM " + site.database() + ".t") == "2");
    }
}

}  // namespace
}  // namespace oms::metadb::bed
