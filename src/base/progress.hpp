#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace oms {

/// How far a long call has come. `total` 0: not known.
struct Progress {
    std::string what;  // "dumping oms_rm", for a person
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    std::string unit = "bytes";
};

/// Told now and then while a long call runs, from any thread; must not block.
using ReportProgress = std::function<void(const Progress&)>;

}  // namespace oms
