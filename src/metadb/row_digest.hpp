#pragma once

#include "metadb/session.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace oms::metadb {

/// XXH64 of `bytes` (github.com/Cyan4973/xxHash, doc/xxhash_spec.md).
std::uint64_t xxh64(std::string_view bytes, std::uint64_t seed);

/// A digest of a table's rows as a multiset: their order does not count, how often each comes does.
///
/// Each row becomes its values with length prefixes and a mark for NULL, hashed twice by XXH64 with
/// different seeds; the hashes are added up. That tells any accident (a row lost, doubled or
/// changed) from the truth with a chance of error of 2^-64 or less, at a speed that does not show
/// beside the server's. It is no guard against somebody who wants two tables to look the same:
/// the file's SHA-256 is that.
class RowDigest {
public:
    void add(const RowView&);
    void merge(const RowDigest& other);

    std::uint64_t rows() const { return rows_; }
    std::string hex() const;

    bool operator==(const RowDigest& other) const {
        return rows_ == other.rows_ && first_ == other.first_ && second_ == other.second_;
    }

private:
    std::uint64_t rows_ = 0;
    std::uint64_t first_ = 0;
    std::uint64_t second_ = 0;
    std::string encoded_;
};

}  // namespace oms::metadb
