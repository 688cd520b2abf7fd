// Goal: the variants of a site end where they should: Community Edition, HTTPS, an old OAT.
// Method: the fakes' world made into each of them, there and back.

#include "catch.hpp"
#include "fakes/certificates.hpp"
#include "fakes/voyage.hpp"
#include "oms/config.hpp"

#include <algorithm>

namespace oms::fakes {
namespace {

using api::Outcome;

void go_to_community(Voyage& voyage) {
    voyage.resource.spec.target_version = "4.2.11-CE";
    voyage.resource.spec.image.reference = "oms:feature_4.2.11_ce";
}

const api::Finding* finding(const Voyage& voyage, const std::string& name) {
    const auto& all = voyage.resource.status.findings;
    const auto at =
        std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
    return at == all.end() ? nullptr : &*at;
}

void check_there_and_back(Voyage& voyage) {
    const std::string before = voyage.world.fingerprint();
    voyage.run_to_the_end();
    INFO(voyage.resource.status.message);
    REQUIRE(voyage.outcome() == Outcome::Succeeded);
    CHECK(voyage.world.healthy());
    voyage.resource.spec.rollback.requested = true;
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::RolledBack);
    CHECK(voyage.world.fingerprint() == before);
    CHECK(voyage.world.damage.empty());
}

TEST_CASE("the Community Edition is upgraded by docker_init.sh", "[simulation]") {
    Voyage voyage;
    voyage.world.become_community(GENERATE(true, false));
    go_to_community(voyage);
    const std::string config = voyage.world.files.at("/data/config.yaml");
    check_there_and_back(voyage);
    CHECK(voyage.world.files.at("/data/config.yaml") == config);
    CHECK(voyage.resource.status.before.version == "4.2.5-CE");
    CHECK(voyage.resource.status.follow_up.size() == 2);
}

TEST_CASE("a docker_init.sh that fails is taken back, whatever its exit code", "[simulation]") {
    Voyage voyage;
    voyage.world.become_community(true);
    go_to_community(voyage);
    SECTION("it says so") {
        voyage.world.nature.script_exit = 1;
    }
    SECTION("it hides it") {
        voyage.world.nature.init_hides_failure = true;
    }
    const std::string before = voyage.world.fingerprint();
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::RolledBack);
    CHECK(voyage.resource.status.run->cursor.failure->rfind("UpgradeMetadata: ", 0) == 0);
    CHECK(voyage.world.fingerprint() == before);
    CHECK(voyage.world.damage.empty());
}

TEST_CASE("the two editions are never mixed", "[simulation]") {
    Voyage voyage;
    std::string wanted = "VersionPath";
    SECTION("an enterprise target for a community site") {
        voyage.world.become_community(true);
    }
    SECTION("a community target for an enterprise site") {
        go_to_community(voyage);
    }
    SECTION("an enterprise image for a community target") {
        voyage.world.become_community(true);
        go_to_community(voyage);
        voyage.resource.spec.image.reference = "oms:feature_4.2.11";
        wanted = "ImageEdition";
    }
    SECTION("a community site that its user takes for an enterprise one") {
        voyage.world.become_community(true);
        go_to_community(voyage);
        voyage.resource.spec.source_version = "4.2.5";
        wanted = "VersionsAgree";
    }
    const std::string before = voyage.world.fingerprint();
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::Refused);
    CHECK(finding(voyage, wanted) != nullptr);
    CHECK(voyage.world.fingerprint() == before);
    CHECK(voyage.world.images.empty());
}

TEST_CASE("an HTTPS site stays one", "[simulation]") {
    Voyage voyage;
    voyage.world.become_https();
    check_there_and_back(voyage);
    CHECK(finding(voyage, "HttpsCertificate") == nullptr);
}

TEST_CASE("a site becomes HTTPS with the upgrade, and HTTP again", "[simulation]") {
    Voyage voyage;
    voyage.world.files["/data/new.crt"] = kCertificate;
    voyage.world.files["/data/new.key"] = kKey;
    voyage.resource.spec.https = api::HttpsSpec{"/data/new.crt", "/data/new.key"};
    check_there_and_back(voyage);
    CHECK(voyage.world.containers.at("oms_431").mounts.size() ==
          voyage.world.containers.at("oms_430").mounts.size() + 2);
}

TEST_CASE("a certificate and key that nginx could not use are refused", "[simulation]") {
    Voyage voyage;
    voyage.world.become_https();
    std::string said;
    SECTION("no key") {
        voyage.world.containers.at("oms_430").mounts.pop_back();
        said = "there is no key";
    }
    SECTION("another key") {
        voyage.world.files["/data/oms.key"] = kOtherKey;
        said = "not the key of";
    }
    SECTION("a key that is none") {
        voyage.world.files["/data/oms.key"] = "a key";
        said = "no unencrypted private key";
    }
    SECTION("one for the upgrade that is not there") {
        voyage.resource.spec.https = api::HttpsSpec{"/data/none.crt", "/data/oms.key"};
        said = "/data/none.crt: there is no certificate";
    }
    const std::string before = voyage.world.fingerprint();
    voyage.run_to_the_end();
    CHECK(voyage.outcome() == Outcome::Refused);
    REQUIRE(finding(voyage, "HttpsCertificate") != nullptr);
    CHECK_THAT(finding(voyage, "HttpsCertificate")->message, Catch::Matchers::Contains(said));
    CHECK(voyage.world.fingerprint() == before);
}

}  // namespace
}  // namespace oms::fakes
