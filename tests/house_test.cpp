// Goal: the map of the house in src/README.md stays true.
// Method: read every #include and check it against the rooms and the libraries below.

#include "base/log.hpp"
#include "catch.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

using Names = std::set<std::string>;

/// In their order.
std::vector<std::string> rooms() {
    const auto all = oms::log::components();
    return {all.begin(), all.end() - 1};  // but for the process
}

// A library that is named here may be included by these rooms and by no other.
const std::map<std::string, Names> kFenced{
    {"cpprest", {"http"}},
    {"pplx", {"http"}},
    {"boost", {"http"}},
    {"mysql", {"metadb"}},
    {"mariadb", {"metadb"}},
    {"zstd.h", {"metadb"}},
    {"yaml-cpp", {"api", "oms"}},
    {"spdlog", {"base"}},
    {"date/", {"base"}},
    {"dtl/", {"base"}},
    {"prometheus", {"metrics"}},
    {"CLI", {"operator"}},
    {"openssl", {"base", "http"}},
};

std::size_t rank(const std::string& room) {
    static const auto all = rooms();
    const auto at = std::find(all.begin(), all.end(), room);
    return static_cast<std::size_t>(at - all.begin());
}

void check_include(const std::string& room, const std::string& line) {
    static const std::regex ours{R"rx(^#include "([^/"]+)/)rx"};
    static const std::regex theirs{R"rx(^#include <([^/>]+))rx"};
    std::smatch include;
    if (std::regex_search(line, include, ours) && include[1] != room)
        CHECK(rank(include[1]) < rank(room));
    if (std::regex_search(line, include, theirs)) {
        const auto fence = kFenced.find(include[1]);
        if (fence != kFenced.end()) CHECK(fence->second.contains(room));
    }
}

}  // namespace

TEST_CASE("a room includes only itself, rooms above it, and libraries of its own", "[house]") {
    const fs::path src = OMS_SOURCE_DIR "/src";
    int files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(src)) {
        const auto kind = entry.path().extension();
        if (kind != ".hpp" && kind != ".cpp") continue;
        ++files;
        const fs::path file = fs::relative(entry.path(), src);
        const std::string room = file.begin()->string();
        INFO(file);
        REQUIRE(rank(room) < rooms().size());
        std::ifstream lines(entry.path());
        for (std::string line; std::getline(lines, line);) {
            INFO(line);
            check_include(room, line);
        }
    }
    CHECK(files > 0);
}
