#include "base/error.hpp"
#include "catch.hpp"
#include "http/request_head.hpp"
#include "http/transport.hpp"

namespace oms::http {
namespace {

TEST_CASE("everything but unreserved characters is percent-encoded", "[http]") {
    CHECK(encode("oms_430-a.b~c") == "oms_430-a.b~c");
    CHECK(encode("a/b:c d") == "a%2Fb%3Ac%20d");
    CHECK(encode("{\"x\":[1]}") == "%7B%22x%22%3A%5B1%5D%7D");
    CHECK(encode(std::string_view("\0\xFF", 2)) == "%00%FF");
    CHECK(encode("") == "");
}

TEST_CASE("a header is found whatever its case, and the first one counts", "[http]") {
    const Response response{
        .status = 200, .headers = {{"Api-Version", "1.41"}, {"api-version", "9"}}, .body = {}};
    CHECK(response.header("API-VERSION") == "1.41");
    CHECK_FALSE(response.header("Api").has_value());
}

// Names of containers and files come from manifests: none of them may smuggle a second request in.
TEST_CASE("a request that would break its own head apart is not sent", "[http]") {
    Request request;
    const auto refused = [&] { CHECK_THROWS_AS(check_head(request, "here"), Terminal); };
    request.target = "/a b";
    refused();
    request.target = "/a\r\nX: y";
    refused();
    request.target = "no-slash";
    refused();
    request.target = "/";
    check_head(request, "here");
    request.headers = {{"X", "a\nb"}};
    refused();
    request.headers = {{"X Y", "a"}};
    refused();
    request.headers = {};
    request.method = "GET /";
    refused();
}

TEST_CASE("a request is described without its query, where secrets may be", "[http]") {
    Request request;
    request.target = "/images/create?fromImage=x&token=hunter2";
    CHECK(describe(request, "unix:///s") == "GET /images/create at unix:///s");
}

}  // namespace
}  // namespace oms::http
