#include "upgrade/discovery.hpp"

#include "upgrade/prechecks/rules.hpp"

namespace oms::upgrade {

void others_are_discovered(const Target& target, const Survey& found, Findings& all) {
    const auto trouble = discover(target, found).trouble;
    if (!trouble) return;
    add(all,
        "Discovery",
        "the nodes that spec.nodes leaves out cannot be discovered: " + *trouble,
        "mend what else is found here; or list every node of every region in spec.nodes, without "
        "spec.discovery");
}

}  // namespace oms::upgrade
