#include "upgrade/init_script.hpp"

#include "oms/community.hpp"
#include "oms/names.hpp"

namespace oms::upgrade {
namespace {

constexpr std::size_t kLogBytesMax = 16U << 20U;

}  // namespace

Script metadata_script(const Target& target, std::size_t node) {
    const bool community = is_community(target.to);
    const std::string path(community ? kInitScript : kUpgradeScript);
    return {.node = node,
            .journal = "UpgradeMetadata",
            .said = path,
            .command = {community ? "bash" : "sh", path},
            .leaves_marks = community};
}

std::optional<std::string> unfinished_business(const runtime::Host& host,
                                               const runtime::Container& container,
                                               const std::string& folder) {
    const std::string log = folder + "/log";
    const auto said = host.read_file(container.name, log, kLogBytesMax);
    if (!said || !init_has_completed(*said))
        return "did not say that all its steps were executed; its output is in " + log;
    const auto flag = host.read_file(container.name, kInitFlag);
    if (!flag || flag->empty()) return "left " + std::string(kInitFlag) + " empty";
    return std::nullopt;
}

}  // namespace oms::upgrade
