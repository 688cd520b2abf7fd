#include "base/log.hpp"

#include "base/error.hpp"
#include "catch.hpp"

namespace oms::log {
namespace {

using Catch::Matchers::Contains;

TEST_CASE("a log level may differ for a component", "[log]") {
    CHECK(read_levels("warn") == Levels{.everywhere = Level::Warn, .of = {}});
    const Levels both{.everywhere = Level::Info,
                      .of = {{"kube", Level::Debug}, {"docker", Level::Off}}};
    CHECK(read_levels("info,kube=debug,docker=off") == both);
    CHECK(read_levels("kube=debug,info,docker=off") == both);
}

TEST_CASE("what is no log level is refused with what there is", "[log]") {
    CHECK_THROWS_WITH(read_levels("loud"), Contains("\"loud\"") && Contains("debug, info"));
    CHECK_THROWS_WITH(read_levels("info,kubelet=debug"),
                      Contains("\"kubelet\"") && Contains("kube,"));
    for (const char* bad : {"", ",", "info,", "kube=", "=debug", "kube", "INFO"})
        CHECK_THROWS_AS(read_levels(bad), Terminal);
}

}  // namespace
}  // namespace oms::log
