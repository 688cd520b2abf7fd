#include "metadb/row_digest.hpp"

#include "base/sha256.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <limits>

namespace oms::metadb {
namespace {

constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87ULL;
constexpr std::uint64_t kPrime2 = 0xC2B2AE3D27D4EB4FULL;
constexpr std::uint64_t kPrime3 = 0x165667B19E3779F9ULL;
constexpr std::uint64_t kPrime4 = 0x85EBCA77C2B2AE63ULL;
constexpr std::uint64_t kPrime5 = 0x27D4EB2F165667C5ULL;

constexpr std::uint64_t kSecondSeed = 0x6F6D732D6F706572ULL;

// The specification is little-endian, and so is every machine that OMS runs on.
static_assert(std::endian::native == std::endian::little);

template <class Word>
Word read(const char* at) {
    Word word;
    std::memcpy(&word, at, sizeof word);
    return word;
}

std::uint64_t round(std::uint64_t lane, std::uint64_t input) {
    return std::rotl(lane + input * kPrime2, 31) * kPrime1;
}

std::uint64_t avalanche(std::uint64_t hash) {
    hash = (hash ^ (hash >> 33U)) * kPrime2;
    hash = (hash ^ (hash >> 29U)) * kPrime3;
    return hash ^ (hash >> 32U);
}

std::uint64_t finish(std::uint64_t hash, const char* at, const char* end) {
    for (; end - at >= 8; at += 8)
        hash = std::rotl(hash ^ round(0, read<std::uint64_t>(at)), 27) * kPrime1 + kPrime4;
    if (end - at >= 4) {
        hash = std::rotl(hash ^ (read<std::uint32_t>(at) * kPrime1), 23) * kPrime2 + kPrime3;
        at += 4;
    }
    for (; at != end; ++at)
        hash = std::rotl(hash ^ (read<std::uint8_t>(at) * kPrime5), 11) * kPrime1;
    return avalanche(hash);
}

void append_length(std::string& out, std::uint64_t length) {
    std::array<char, sizeof length> bytes{};
    std::memcpy(bytes.data(), &length, sizeof length);
    out.append(bytes.data(), bytes.size());
}

}  // namespace

std::uint64_t xxh64(std::string_view bytes, std::uint64_t seed) {
    const char* at = bytes.data();
    const char* const end = at + bytes.size();
    std::uint64_t hash = seed + kPrime5;
    if (bytes.size() >= 32) {
        std::array lanes{seed + kPrime1 + kPrime2, seed + kPrime2, seed, seed - kPrime1};
        for (; end - at >= 32; at += 32) {
            for (std::size_t i = 0; i < lanes.size(); ++i)
                lanes[i] = round(lanes[i], read<std::uint64_t>(at + i * 8));
        }
        hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) +
               std::rotl(lanes[3], 18);
        for (const std::uint64_t lane : lanes) hash = (hash ^ round(0, lane)) * kPrime1 + kPrime4;
    }
    return finish(hash + bytes.size(), at, end);
}

void RowDigest::add(const RowView& row) {
    encoded_.clear();
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (row.is_null(i)) {
            append_length(encoded_, std::numeric_limits<std::uint64_t>::max());
        } else {
            append_length(encoded_, row[i].size());
            encoded_ += row[i];
        }
    }
    ++rows_;
    first_ += xxh64(encoded_, 0);
    second_ += xxh64(encoded_, kSecondSeed);
}

void RowDigest::merge(const RowDigest& other) {
    rows_ += other.rows_;
    first_ += other.first_;
    second_ += other.second_;
}

std::string RowDigest::hex() const {
    std::string bytes;
    for (const std::uint64_t half : {first_, second_}) {
        for (unsigned shift = 64; shift != 0;) {
            shift -= 8;
            bytes += static_cast<char>((half >> shift) & 0xFFU);
        }
    }
    return to_hex(bytes);
}

}  // namespace oms::metadb
