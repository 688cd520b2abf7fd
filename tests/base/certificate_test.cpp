#include "base/certificate.hpp"

#include "base/error.hpp"
#include "catch.hpp"
#include "fakes/certificates.hpp"

namespace oms {
namespace {

TEST_CASE("a certificate tells whose it is and when it is valid", "[base]") {
    const Certificate seen = read_certificate(fakes::kCertificate);
    CHECK(seen.subject == "CN = oms.example.com");
    CHECK(to_rfc3339(seen.not_before) == "2020-01-01T00:00:00.000000Z");
    CHECK(to_rfc3339(seen.not_after) == "2040-01-01T00:00:00.000000Z");
    // As in a chain: what comes after it is its issuers'.
    CHECK(read_certificate("Bag Attributes\n" + fakes::kCertificate + fakes::kCertificate) == seen);
}

TEST_CASE("a key is told from another one's", "[base]") {
    CHECK(is_key_of(fakes::kCertificate, Secret(fakes::kKey)));
    CHECK_FALSE(is_key_of(fakes::kCertificate, Secret(fakes::kOtherKey)));
}

TEST_CASE("what is no certificate, or no open key, is said to be none", "[base]") {
    CHECK_THROWS_AS(read_certificate(""), Terminal);
    CHECK_THROWS_AS(read_certificate("no PEM"), Terminal);
    CHECK_THROWS_AS(read_certificate(fakes::kKey), Terminal);
    CHECK_THROWS_AS(is_key_of(fakes::kCertificate, Secret("no PEM")), Terminal);
    CHECK_THROWS_AS(is_key_of(fakes::kCertificate, Secret{}), Terminal);
    // Nobody is asked for its passphrase.
    const std::string locked = R"(-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,FD27E83566E902CA3D8786636C4CC6BB

uA/t9oEU42wtK33w0u5R7VnBsqilrPyY46XFt4MAfMG4DP0JX2Cgh6Y4jl2XNlJd
4PXRsyPmM4G6/2DDY0xlXrVp+gjk2ypFIQ5fG7finbzyc+wrpqPMlXgVR8UI8/X/
1MXzW3O1Z5QjAdJ5zBQTyDaw5Eyx11V+kLMFsDRcQlg=
-----END EC PRIVATE KEY-----
)";
    CHECK_THROWS_WITH(is_key_of(fakes::kCertificate, Secret(locked)),
                      Catch::Matchers::Contains("unencrypted"));
}

}  // namespace
}  // namespace oms
