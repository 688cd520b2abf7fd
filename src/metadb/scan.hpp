#pragma once

#include "metadb/row_digest.hpp"
#include "metadb/schema.hpp"
#include "metadb/session.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace oms::metadb {

/// A part of one table that one session reads in one go.
struct Scan {
    std::size_t database = 0;  // which of those that are read together
    std::size_t table = 0;     // which of its tables
    std::string range;         // " WHERE `id` >= 1000 AND `id` < 2000", or nothing: the whole table
    std::uint64_t bytes = 0;   // roughly; 0: not known
    double begins_at = 0;      // what part of its table comes before it
};

/// How many ranges a large table is cut into, for each session that reads: enough that the last one
/// to end does not end long after the others.
inline constexpr std::size_t kRangesPerSession = 4;

/// All tables of all databases, large ones cut into up to `pieces` ranges of their key, so that one
/// of them does not keep one session busy while the others have nothing to do.
std::vector<Scan> plan_scans(const std::vector<const Schema*>& databases,
                             const std::string& as_of,
                             std::size_t pieces,
                             const Share& share);

/// Reads the rows of a scan.
void run_scan(Session&,
              const Schema&,
              const Scan&,
              const std::string& as_of,
              const std::function<void(const RowView&)>& each);

}  // namespace oms::metadb
