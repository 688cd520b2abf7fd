#include "controller/registry_secret.hpp"

#include "base/base64.hpp"
#include "base/error.hpp"
#include "catch.hpp"

namespace oms::controller {
namespace {

api::SecretData docker_config(const std::string& text) {
    return {{{".dockerconfigjson", Secret{text}}}};
}

TEST_CASE("the registry of an image is read as docker reads it", "[registry]") {
    CHECK(registry_of("work.oceanbase-dev.com/obartifact-store/oms:feature_4.3.1") ==
          "work.oceanbase-dev.com");
    CHECK(registry_of("localhost/oms:1") == "localhost");
    CHECK(registry_of("10.0.0.1:5000/oms:1") == "10.0.0.1:5000");
    CHECK(registry_of("oceanbase/oms:1") == "docker.io");
    CHECK(registry_of("oms:1") == "docker.io");
    CHECK(registry_of("index.docker.io/oms:1") == "docker.io");
}

TEST_CASE("a pull secret is read in each of its forms", "[registry]") {
    const std::string both = to_base64("bob:se:cret");
    for (const auto& secret :
         {api::SecretData{{{"username", Secret{"bob"}}, {"password", Secret{"se:cret"}}}},
          docker_config(R"({"auths":{"https://reg.example.com/v1/":{"auth":")" + both + R"("}}})"),
          docker_config(
              R"({"auths":{"reg.example.com":{"username":"bob","password":"se:cret"}}})")}) {
        const auto login = read_registry_login(secret, "pull", "reg.example.com/oms:1");
        CHECK(login.user == "bob");
        CHECK(login.password.reveal() == "se:cret");
    }
}

TEST_CASE("a pull secret that does not fit is named, and its values are not", "[registry]") {
    const auto bad = {api::SecretData{{{"token", Secret{"hunter2"}}}},
                      docker_config("hunter2"),
                      docker_config(R"(["hunter2"])"),
                      docker_config(R"({"auths":{"other.example.com":{"auth":"aHVudGVyMg=="}}})"),
                      docker_config(R"({"auths":{"reg.example.com":{"auth":"hunter2"}}})"),
                      docker_config(R"({"auths":{"reg.example.com":"hunter2"}})")};
    for (const auto& secret : bad) {
        try {
            read_registry_login(secret, "pull", "reg.example.com/oms:1");
            FAIL("it was taken for a login");
        } catch (const Terminal& error) {
            CHECK_THAT(error.what(), Catch::Matchers::Contains("Secret pull"));
            CHECK_THAT(error.what(), !Catch::Matchers::Contains("hunter2"));
        }
    }
}

}  // namespace
}  // namespace oms::controller
