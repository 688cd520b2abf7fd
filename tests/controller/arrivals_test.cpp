#include "controller/arrivals.hpp"

#include "catch.hpp"

namespace oms::controller {
namespace {

const api::Key kA{"default", "a"};
const api::Key kB{"default", "b"};

TEST_CASE("what has arrived is taken once, in its latest form", "[arrivals]") {
    Arrivals arrivals;
    CHECK_FALSE(arrivals.take(kA).has_value());
    arrivals.put(kA, "first");
    arrivals.put(kB, "other");
    arrivals.put(kA, "second");
    CHECK(arrivals.take(kA) == "second");
    CHECK_FALSE(arrivals.take(kA).has_value());
    CHECK(arrivals.take(kB) == "other");
}

TEST_CASE("a later change without a text makes void what came before", "[arrivals]") {
    Arrivals arrivals;
    arrivals.put(kA, "first");
    arrivals.put(kA, "");
    CHECK_FALSE(arrivals.take(kA).has_value());
}

TEST_CASE("what does not fit is not kept, and what was taken makes room", "[arrivals]") {
    Arrivals arrivals;
    const std::string half(Arrivals::kBytesMax / 2, 'x');
    arrivals.put(kA, half);
    arrivals.put(kB, half + "x");
    CHECK_FALSE(arrivals.take(kB).has_value());
    arrivals.put(kA, half + "x");
    CHECK(arrivals.take(kA) == half + "x");
    arrivals.put(kB, std::string(Arrivals::kBytesMax, 'x'));
    CHECK(arrivals.take(kB).has_value());
}

}  // namespace
}  // namespace oms::controller
