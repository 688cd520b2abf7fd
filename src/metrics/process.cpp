#include "metrics/process.hpp"

#include <sys/resource.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>
#include <unistd.h>

namespace oms::metrics {
namespace {

/// Of /proc/self/stat, by proc(5)'s numbers; the second field, which may hold anything, is behind.
constexpr int kFirstAfterName = 3;
constexpr int kUserTicks = 14;
constexpr int kSystemTicks = 15;
constexpr int kStartTicks = 22;
constexpr int kVirtualBytes = 23;
constexpr int kResidentPages = 24;

struct Stat {
    double fields[kResidentPages + 1] = {};
};

std::optional<Stat> read_stat(const std::filesystem::path& proc) {
    std::string line;
    if (!std::getline(std::ifstream(proc / "self/stat"), line)) return std::nullopt;
    const auto name_end = line.rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    std::istringstream words(line.substr(name_end + 1));
    Stat stat;
    std::string word;
    for (int field = kFirstAfterName; field <= kResidentPages; ++field) {
        if (!(words >> word)) return std::nullopt;
        if (field > kFirstAfterName) stat.fields[field] = std::strtod(word.c_str(), nullptr);
    }
    return stat;
}

/// When the machine was started, in seconds since 1970.
std::optional<double> boot_time(const std::filesystem::path& proc) {
    std::ifstream lines(proc / "stat");
    for (std::string word; lines >> word;) {
        double seconds = 0;
        if (word == "btime" && lines >> seconds) return seconds;
    }
    return std::nullopt;
}

std::optional<double> open_files(const std::filesystem::path& proc) {
    std::error_code error;
    std::filesystem::directory_iterator files(proc / "self/fd", error);
    if (error) return std::nullopt;
    // The folder itself is open while it is read.
    return static_cast<double>(std::distance(begin(files), end(files))) - 1;
}

}  // namespace

Families process_families(const std::filesystem::path& proc) {
    Families all;
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    if (const auto stat = read_stat(proc)) {
        const auto& of = stat->fields;
        all.push_back(single("process_cpu_seconds_total",
                             "User and system CPU time spent, in seconds.",
                             (of[kUserTicks] + of[kSystemTicks]) / ticks));
        all.push_back(single("process_resident_memory_bytes",
                             "Resident memory size in bytes.",
                             of[kResidentPages] * static_cast<double>(::sysconf(_SC_PAGESIZE))));
        all.push_back(single(
            "process_virtual_memory_bytes", "Virtual memory size in bytes.", of[kVirtualBytes]));
        if (const auto boot = boot_time(proc)) {
            all.push_back(single("process_start_time_seconds",
                                 "Start time of the process since unix epoch in seconds.",
                                 *boot + of[kStartTicks] / ticks));
        }
    }
    if (const auto files = open_files(proc))
        all.push_back(single("process_open_fds", "Number of open file descriptors.", *files));
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        all.push_back(single("process_max_fds",
                             "Maximum number of open file descriptors.",
                             static_cast<double>(limit.rlim_cur)));
    }
    return all;
}

}  // namespace oms::metrics
