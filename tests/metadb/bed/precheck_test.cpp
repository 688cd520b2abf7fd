// Goal: what a precheck says about rights and room is what a dump and a restore then meet.

#include "base/error.hpp"
#include "bed.hpp"
#include "catch.hpp"
#include "metadb/backups.hpp"

namespace oms::metadb::bed {
namespace {

TEST_CASE("the rights that are missing are named as the GRANT that gives them", "[metadb][bed]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        Site site(server);
        CHECK(site.meta().missing_rights(site.database()).empty());
        site.run({"CREATE TABLE t (id int PRIMARY KEY)",
                  "INSERT INTO t VALUES (1)",
                  "DROP USER IF EXISTS " + site.database(),
                  "CREATE USER " + site.database() + " IDENTIFIED BY 'pw'",
                  "GRANT SELECT ON " + site.database() + ".* TO " + site.database()});
        Address limited = site.address();
        limited.user = site.database();
        limited.password = Secret("pw");
        const auto meta = make_meta_db(limited);
        const auto missing = meta->missing_rights(site.database());
        REQUIRE(missing.size() == 1);
        CHECK_THAT(missing[0], Catch::Contains("CREATE, DROP, ALTER"));
        CHECK_THAT(missing[0], Catch::Contains("'" + site.database() + "'@'%'"));
        CHECK_THAT(missing[0], !Catch::Contains("SELECT"));

        // What it says is enough, and can be typed as it is.
        site.run({missing[0]});
        CHECK(make_meta_db(limited)->missing_rights(site.database()).empty());
        meta->dump({site.database()}, site.folder(), {}, {}, {});
        const auto manifest = make_backups(site.folder())->find(site.database(), true).value();
        meta->restore({manifest}, site.folder(), {}, {});
        CHECK(meta->first_difference(manifest, {}, {}) == std::nullopt);
        site.run({"DROP USER " + site.database()});
    }
}

TEST_CASE("the room that a dump takes is told beforehand, roughly", "[metadb][bed]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        Site site(server);
        std::string rows;
        for (int i = 0; i < 20'000; ++i)
            rows += (i == 0 ? "(" : ",(") + std::to_string(i) + ",REPEAT('x',300),REPEAT('y',50))";
        site.run({"CREATE TABLE t (id int PRIMARY KEY, a varchar(300), b blob)",
                  "INSERT INTO t VALUES " + rows});
        const std::uint64_t estimate = site.meta().estimate_bytes(site.database());
        site.meta().dump(
            {site.database()}, site.folder(), {.compression = Compression::None}, {}, {});
        const auto bytes = make_backups(site.folder())->find(site.database(), false).value().bytes;
        INFO(bytes << " bytes, estimated " << estimate);
        CHECK(estimate >= bytes / 2);
        CHECK(estimate <= bytes * 3);
    }
}

}  // namespace
}  // namespace oms::metadb::bed
