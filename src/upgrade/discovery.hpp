#pragma once

#include "upgrade/survey.hpp"

#include <optional>
#include <string>
#include <vector>

namespace oms::upgrade {

/// The nodes of this OMS that spec.nodes leaves out (spec.discovery).
struct Discovery {
    std::vector<api::NodeSpec> nodes;    // none of them is in spec.nodes
    std::optional<std::string> trouble;  // why they cannot be told; then there are none
};

/// Everything that OMS knows besides spec.nodes: cm_nodes of every config.yaml that was seen, and
/// the ONLINE hosts of MetaDB (oms-facts 5.1), in that order. Nothing where spec.discovery is not
/// asked for.
///
/// A node that is found shows cm_nodes of its own, so this is asked until it finds no more. Nothing
/// is told while a node of the manifest has no known address: it would be taken for another one.
Discovery discover(const Target&, const Survey&);

/// What is known of a run from now on: its nodes, with those that were found.
void record_discovery(const Discovery&, api::Status&);

}  // namespace oms::upgrade
