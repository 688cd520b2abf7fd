#include "base/at_once.hpp"
#include "base/backoff.hpp"
#include "base/base64.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/files.hpp"
#include "base/sha256.hpp"
#include "catch.hpp"

#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <string>
#include <unistd.h>

namespace oms {
namespace {

using namespace std::chrono_literals;

// Goal: of jobs done at once, each is done, and the first failure in their order is told.
// Method: the second fails first, and only then lets the first and the third end.
TEST_CASE("jobs at once are all waited for, whichever fails", "[base]") {
    std::promise<void> second_failed;
    const auto after_it = second_failed.get_future().share();
    std::atomic<int> ended = 0;
    const auto fail = [](const char* what) { throw Transient(what); };
    CHECK_THROWS_WITH(at_once({[&] {
                                   after_it.wait();
                                   ++ended;
                                   fail("first");
                               },
                               [&] {
                                   ++ended;
                                   second_failed.set_value();
                                   fail("second");
                               },
                               [&] {
                                   after_it.wait();
                                   ++ended;
                               }}),
                      "first");
    CHECK(ended == 3);
}

TEST_CASE("a time survives the way to text and back", "[base]") {
    const Time time = Time{1763877095s + 123456us};
    CHECK(to_rfc3339(time) == "2025-11-23T05:51:35.123456Z");
    CHECK(from_rfc3339(to_rfc3339(time)) == time);
}

TEST_CASE("times are read as Kubernetes and Docker write them", "[base]") {
    const Time time = Time{1763877095s};
    CHECK(from_rfc3339("2025-11-23T05:51:35Z") == time);
    CHECK(from_rfc3339("2025-11-23T05:51:35.123456789Z") == time + 123456us);
    CHECK(from_rfc3339("2025-11-23T13:51:35.5+08:00") == time + 500ms);
    CHECK(from_rfc3339("0001-01-01T00:00:00Z") < Time{});
    CHECK(from_rfc3339("9999-12-31T23:59:59Z") > time);
    for (const char* bad : {"",
                            "2025-11-23",
                            "2025-13-01T00:00:00Z",
                            "2025-11-23T05:51:35",
                            "2025-11-23T05:51:35Zx",
                            "2025-11-23T25:00:00Z",
                            "2025-11-23T05:51:35.Z"})
        CHECK_FALSE(from_rfc3339(bad).has_value());
}

TEST_CASE("backoff grows to its longest and starts again after a reset", "[base]") {
    Backoff backoff(100ms, 1s);
    for (int i = 0; i < 40; ++i) {
        const auto wait = backoff.next();
        CHECK(wait >= 50ms);
        CHECK(wait <= 1s);
        if (i >= 4) CHECK(wait >= 500ms);
    }
    backoff.reset();
    CHECK(backoff.next() <= 100ms);
}

TEST_CASE("base64 and digests match their published vectors", "[base]") {
    CHECK(to_base64("foobar") == "Zm9vYmFy");
    CHECK(to_base64("fo") == "Zm8=");
    CHECK(from_base64("Zm8=\n") == "fo");
    CHECK(from_base64("Zg==") == "f");
    CHECK(from_base64("") == "");
    CHECK_FALSE(from_base64("Zm8").has_value());
    CHECK_FALSE(from_base64("****").has_value());
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    Sha256 sha;
    sha.update("a");
    sha.update("bc");
    CHECK(to_hex(sha.finish()) == sha256_hex("abc"));
    CHECK(to_hex(sha.finish()) == sha256_hex(""));
}

TEST_CASE("a durable write leaves the whole file, with its mode, or the old one", "[base]") {
    const auto folder = std::filesystem::temp_directory_path() /
                        ("oms-operator-base-test." + std::to_string(::getpid()));
    make_private_folder(folder / "deep");
    struct stat seen {};
    REQUIRE(::stat((folder / "deep").c_str(), &seen) == 0);
    CHECK((seen.st_mode & 0777U) == 0700);

    const auto file = folder / "deep" / "status";
    CHECK_FALSE(read_whole(file).has_value());
    write_durably(file, "one");
    write_durably(file, "two");
    CHECK(read_whole(file) == "two");
    REQUIRE(::stat(file.c_str(), &seen) == 0);
    CHECK((seen.st_mode & 0777U) == 0600);
    CHECK_THROWS_AS(read_whole(file, 2), Terminal);
    CHECK_THROWS_AS(write_durably(folder / "missing" / "file", "x"), Terminal);
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace oms
