// Goal: a dump or restore that was stopped, or lost its server, leaves nothing that the next one
// cannot handle, and says which of the two it was.

#include "base/error.hpp"
#include "bed.hpp"
#include "catch.hpp"
#include "metadb/backups.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>
#include <unistd.h>

namespace oms::metadb::bed {
namespace {

void fill(Site& site) {
    for (const char* table : {"t0", "t1", "t2"}) {
        site.run({std::string("CREATE TABLE ") + table +
                  " (id int PRIMARY KEY AUTO_INCREMENT, v varchar(500), KEY (v(20)))"});
        for (int i = 0; i < 4; ++i) {
            std::string rows;
            for (int r = 0; r < 5000; ++r)
                rows += std::string(r == 0 ? "" : ",") + "('" + std::to_string(r * 7919 % 10007) +
                        std::string(300, 'x') + "')";
            site.run({std::string("INSERT INTO ") + table + " (v) VALUES " + rows});
        }
    }
}

TEST_CASE("a dump or restore that is stopped halfway is begun anew by the next", "[metadb][bed]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        Site site(server);
        fill(site);
        const std::string contents = site.contents();
        const auto backups = make_backups(site.folder());

        std::stop_source stop_dump;
        CHECK_THROWS_AS(site.meta().dump(
                            {site.database()},
                            site.folder(),
                            {},
                            [&](const Progress&) { stop_dump.request_stop(); },
                            stop_dump.get_token()),
                        Stopped);
        CHECK_FALSE(backups->find(site.database(), true).has_value());
        for (const auto& entry : std::filesystem::directory_iterator(site.folder()))
            FAIL_CHECK(entry.path() << " was left behind");
        // The server has let go of the tables that it was sending; a restore would wait for them.
        if (!server.is_oceanbase) site.run({"SET SESSION lock_wait_timeout = 20"});
        site.run({"ALTER TABLE t0 RENAME TO t9", "ALTER TABLE t9 RENAME TO t0"});

        site.meta().dump({site.database()}, site.folder(), {}, {}, {});
        const DumpManifest manifest = backups->find(site.database(), true).value();

        std::stop_source stop_restore;
        std::atomic<int> reports{0};
        CHECK_THROWS_AS(site.meta().restore(
                            {manifest},
                            site.folder(),
                            [&](const Progress&) {
                                if (++reports > 10) stop_restore.request_stop();
                            },
                            stop_restore.get_token()),
                        Stopped);
        CHECK(site.meta().first_difference(manifest, {}, {}).has_value());
        site.meta().restore({manifest}, site.folder(), {}, {});
        CHECK(site.meta().first_difference(manifest, {}, {}) == std::nullopt);
        CHECK(site.contents() == contents);

        std::stop_source stop_comparison;
        CHECK_THROWS_AS(site.meta().first_difference(
                            manifest,
                            [&](const Progress&) { stop_comparison.request_stop(); },
                            stop_comparison.get_token()),
                        Stopped);
    }
}

TEST_CASE("a stop is obeyed although the server is silent", "[metadb][bed]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        std::stop_source stop;
        Session session({server.address}, Purpose::Copy, stop.get_token());
        const std::string id = session.value("SELECT CONNECTION_ID()").value();
        std::jthread stopper([&] {
            Session other({server.address}, Purpose::Look);
            // Once the server itself lists the sleep, it is on.
            while (
                !other.value("SELECT 1 FROM information_schema.processlist WHERE info LIKE "
                             "'SELECT SLEEP(5555)%' LIMIT 1"))
                std::this_thread::yield();
            stop.request_stop();
        });
        CHECK_THROWS_AS(session.query("SELECT SLEEP(5555)"), Stopped);
    }
}

TEST_CASE("a session that the server ends is a thing that may go away", "[metadb][bed]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        Session session({server.address}, Purpose::Copy);
        const std::string id = session.value("SELECT CONNECTION_ID()").value();
        Session({server.address}, Purpose::Look).execute("KILL " + id);
        CHECK_THROWS_AS(session.query("SELECT 1"), Transient);
    }
}

// Goal: of an operator that hung in the middle of a restore, nothing comes after its successor's.
// Method: a session as such a restore leaves it, with a lock that a restore would wait for; others
//         of the same user beside it.
TEST_CASE("a restore ends the sessions that an earlier one left, and no others", "[metadb][bed]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        Site site(server);
        fill(site);
        const std::string contents = site.contents();
        site.meta().dump({site.database()}, site.folder(), {}, {}, {});
        const auto manifest = make_backups(site.folder())->find(site.database(), true).value();

        Session left({server.address}, Purpose::Copy);
        left.execute("USE " + site.database());
        left.execute("START TRANSACTION");
        left.execute("UPDATE t0 SET v = 'late' WHERE id = 1");
        Session elsewhere({server.address}, Purpose::Look);
        Session at_work({server.address}, Purpose::Look);
        at_work.execute("USE information_schema");

        site.meta().restore({manifest}, site.folder(), {}, {});
        CHECK_THROWS_AS(left.execute("COMMIT"), Transient);
        CHECK(elsewhere.value("SELECT 1") == "1");
        CHECK(at_work.value("SELECT 1") == "1");
        CHECK(site.meta().first_difference(manifest, {}, {}) == std::nullopt);
        CHECK(site.contents() == contents);
    }
}

// Goal: an operator that leads no more sends nothing and leaves no file that counts.
// Method: the permit ends at each question in turn, until a dump and a restore come through.
TEST_CASE("without a permit nothing more is sent and nothing is kept", "[metadb][bed]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        Site site(server);
        fill(site);
        std::atomic<int> left{0};
        const auto meta =
            make_meta_db(server.address, Permit([&left] { return left.fetch_sub(1) > 0; }));
        CHECK_THROWS_AS(meta->info(), Stopped);
        for (const int allowed : {10, 25, 40, 60}) {
            left = allowed;
            CHECK_THROWS_AS(meta->dump({site.database()}, site.folder(), {}, {}, {}), Stopped);
            CHECK_FALSE(make_backups(site.folder())->find(site.database(), true).has_value());
        }
        left = 1'000'000;
        meta->dump({site.database()}, site.folder(), {}, {}, {});
        const auto manifest = make_backups(site.folder())->find(site.database(), true).value();
        left = 0;
        CHECK_THROWS_AS(meta->restore({manifest}, site.folder(), {}, {}), Stopped);
        CHECK(site.meta().first_difference(manifest, {}, {}) == std::nullopt);
    }
}

TEST_CASE("a server that is not there is a thing that may come back", "[metadb][bed]") {
    Address nobody = servers().front().address;
    nobody.port = 1;
    const auto meta = make_meta_db(nobody);
    CHECK_THROWS_AS(meta->info(), Transient);
    CHECK_THROWS_AS(meta->dump({"x"}, "/nonexistent/folder", {}, {}, {}), Failure);
}

TEST_CASE("a server that takes connections and says nothing is a thing that may go away",
          "[metadb][bed]") {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof local;
    REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&local), size) == 0);
    REQUIRE(::listen(listener, 8) == 0);
    REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&local), &size) == 0);
    const Address silent{.host = "127.0.0.1", .port = ntohs(local.sin_port), .user = "root"};
    CHECK_THROWS_AS(make_meta_db(silent)->info(), Transient);
    ::close(listener);
}

TEST_CASE("a wrong password is a person's matter and is not repeated in words", "[metadb][bed]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        Address address = server.address;
        address.password = Secret("not-the-right-one");
        try {
            make_meta_db(address)->info();
            FAIL_CHECK("it was let in");
        } catch (const Terminal& refused) {
            CHECK_THAT(refused.what(), Catch::Contains("1045"));
            CHECK_THAT(refused.what(), !Catch::Contains("not-the-right-one"));
        }
    }
}

}  // namespace
}  // namespace oms::metadb::bed
