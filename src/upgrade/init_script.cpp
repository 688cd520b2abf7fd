#include "upgrade/init_script.hpp"

#include "oms/community.hpp"
#include "oms/names.hpp"

namespace oms::upgrade {
namespace {

constexpr std::size_t kLogBytesMax = 16U << 20U;

}  // namespace

Script metadata_script(const Target& target) {
    if (is_community(target.to)) {
        return {"UpgradeMetadata", std::string(kInitScript), {"bash", std::string(kInitScript)}};
    }
    return {"UpgradeMetadata", std::string(kUpgradeScript), {"sh", std::string(kUpgradeScript)}};
}

std::optional<std::string> unfinished_business(const runtime::Host& host,
                                               const runtime::Container& container,
                                               const Target& target) {
    if (!is_community(target.to)) return std::nullopt;
    const std::string log = journal_of(target, metadata_script(target)) + "/log";
    const std::string ended =
        std::string(kInitScript) + " in " + container.name + " ended with 0, but ";
    const auto said = host.read_file(container.name, log, kLogBytesMax);
    if (!said || !init_has_completed(*said))
        return ended + "did not say that all its steps were executed; its output is in " + log;
    const auto flag = host.read_file(container.name, kInitFlag);
    if (!flag || flag->empty()) return ended + "left " + std::string(kInitFlag) + " empty";
    return std::nullopt;
}

}  // namespace oms::upgrade
