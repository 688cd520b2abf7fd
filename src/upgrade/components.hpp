#pragma once

#include "metadb/meta_db.hpp"
#include "upgrade/target.hpp"
#include "upgrade/tools.hpp"

#include <optional>
#include <string>
#include <vector>

namespace oms::upgrade {

/// What is wrong with a host, as CM's table and its region's heartbeats say; empty: nothing.
std::optional<std::string> trouble_of_host(const std::vector<metadb::HostRow>&,
                                           const std::vector<metadb::Beat>&,
                                           const std::string& ip);

/// What is wrong with the programs of a container that holds only components: it has no console to
/// ask. `said` is how messages call it.
std::optional<std::string> trouble_of_component_programs(const runtime::Host&,
                                                         const std::string& container,
                                                         const std::string& said);

/// What is wrong with a Component node whose old container should be at work: its programs, then
/// what MetaDB says of its host.
std::optional<std::string> trouble_of_component(const Target&, const Tools&, std::size_t node);

/// The nodes whose components are upgraded while they run.
std::vector<std::size_t> kept_nodes(const Target&);

}  // namespace oms::upgrade
