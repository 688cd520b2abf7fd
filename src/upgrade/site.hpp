#pragma once

#include "api/status.hpp"
#include "upgrade/survey.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace oms::upgrade {

/// One region of an OMS: the nodes whose config.yaml has its cm_location (oms-facts 3).
struct Region {
    std::string name;  // cm_region, or "cm_location 3" where it has no name
    int location = 0;
    std::vector<std::size_t> nodes;  // indices into spec.nodes; one at least
};

/// The regions of the nodes whose config.yaml can be read, in the order of spec.nodes. The last one
/// is the last one to be restructured by the .jar (procedure, "-l").
std::vector<Region> regions_of(const Survey&);

/// What OMS_HOST_IP of a node is: as the spec says, else the running container.
std::string host_ip_of(const Target&, const Survey&, std::size_t node);

/// Every heartbeat database, each once.
std::vector<std::string> heartbeat_databases_of(const Survey&);

/// Writes down of every node which region it is of, and which scripts run there (oms-facts 4.2):
/// the .jar on the first of cm_nodes of each region; docker_upgrade.sh on one node of those that
/// share their cm_nodes. Never on a node that only holds components.
void assign_duties(const Target&, const Survey&, std::vector<api::BeforeNode>&);

}  // namespace oms::upgrade
