// Goal: two tables have one digest if and only if they hold the same rows, in whatever order.

#include "metadb/row_digest.hpp"

#include "catch.hpp"

#include <algorithm>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace oms::metadb {
namespace {

void add(RowDigest& digest, const Row& row) {
    std::vector<const char*> values;
    std::vector<unsigned long> lengths;
    for (const auto& value : row) {
        values.push_back(value ? value->data() : nullptr);
        lengths.push_back(value ? value->size() : 0);
    }
    digest.add({values, lengths});
}

std::string digest_of(const std::vector<Row>& rows) {
    RowDigest digest;
    for (const Row& row : rows) add(digest, row);
    return digest.hex();
}

TEST_CASE("XXH64 matches the vectors published with it", "[metadb]") {
    // The sanity buffer and results of xxHash's own tests (xxhsum's XSUM_sanityCheck).
    constexpr std::uint64_t kPrime32 = 2654435761U;
    constexpr std::uint64_t kPrime64 = 11400714785074694797ULL;
    std::string buffer;
    std::uint64_t generator = kPrime32;
    for (int i = 0; i < 222; ++i) {
        buffer += static_cast<char>(generator >> 56U);
        generator *= kPrime64;
    }
    const std::string_view bytes = buffer;
    CHECK(xxh64("", 0) == 0xEF46DB3751D8E999ULL);
    CHECK(xxh64("", kPrime32) == 0xAC75FDA2929B17EFULL);
    CHECK(xxh64(bytes.substr(0, 1), 0) == 0xE934A84ADB052768ULL);
    CHECK(xxh64(bytes.substr(0, 1), kPrime32) == 0x5014607643A9B4C3ULL);
    CHECK(xxh64(bytes.substr(0, 4), 0) == 0x9136A0DCA57457EEULL);
    CHECK(xxh64(bytes.substr(0, 14), 0) == 0x8282DCC4994E35C8ULL);
    CHECK(xxh64(bytes.substr(0, 14), kPrime32) == 0xC3BD6BF63DEB6DF0ULL);
    CHECK(xxh64(bytes, 0) == 0xB641AE8CB691C174ULL);
    CHECK(xxh64(bytes, kPrime32) == 0x20CB8AB7AE10C14AULL);
}

TEST_CASE("the order of rows does not count, and how often each comes does", "[metadb]") {
    std::vector<Row> rows{{"1", "a"}, {"2", std::nullopt}, {"3", ""}, {"3", ""}};
    const std::string digest = digest_of(rows);
    std::minstd_rand random{Catch::rngSeed()};
    for (int i = 0; i < 20; ++i) {
        std::shuffle(rows.begin(), rows.end(), random);
        CHECK(digest_of(rows) == digest);
    }
    rows.pop_back();
    CHECK(digest_of(rows) != digest);
}

TEST_CASE("rows that look alike when written one after another have their own digests",
          "[metadb]") {
    const std::vector<std::vector<Row>> tables{{},
                                               {{""}},
                                               {{std::nullopt}},
                                               {{"", ""}},
                                               {{"", std::nullopt}},
                                               {{std::nullopt, ""}},
                                               {{"ab", "c"}},
                                               {{"a", "bc"}},
                                               {{"abc", ""}},
                                               {{"abc"}},
                                               {{"ABC"}},
                                               {{"abc "}},
                                               {{"a"}, {"b"}},
                                               {{"a"}, {"a"}}};
    std::set<std::string> digests;
    for (const auto& table : tables) digests.insert(digest_of(table));
    CHECK(digests.size() == tables.size());
}

TEST_CASE("parts of a table add up to the whole of it", "[metadb]") {
    RowDigest whole;
    RowDigest low;
    RowDigest high;
    for (int i = 0; i < 100; ++i) {
        add(whole, {std::to_string(i)});
        add(i < 40 ? low : high, {std::to_string(i)});
    }
    high.merge(low);
    CHECK(high == whole);
    CHECK(whole.rows() == 100);
}

}  // namespace
}  // namespace oms::metadb
