#pragma once

#include "oms/config.hpp"
#include "upgrade/dumps.hpp"
#include "upgrade/target.hpp"
#include "upgrade/tools.hpp"

#include <optional>
#include <string>
#include <vector>

/// The cm and heartbeat databases at a place of their own (procedure, "deploy the cluster manager
/// (CM) database separately"). Until MigrateConfig the old OMS's databases are all that count, and
/// Tools::cm() is where they are, for as long as the run lasts. The new OMS works on copies of them
/// at Tools::separate_cm(); the old ones stay as they are, so that going back is dropping the
/// copies.
namespace oms::upgrade {

/// Does this run separate cm? Precheck has recorded it.
bool separates_cm(const Target&);

/// The cm database and each heartbeat database of these (rm first), and what they are called at the
/// separate place.
std::vector<api::CarriedDatabase> databases_to_carry(const api::SeparateCmSpec&,
                                                     const std::vector<std::string>& databases);

/// Where the new OMS has its cm and heartbeat databases, and what it calls each.
const metadb::MetaDb& cm_of_new_oms(const Target&, const Tools&);
std::string name_in_new_oms(const Target&, const std::string& database);

/// Is config.yaml another one for the new OMS?
bool rewrites_config(const Target&);

/// config.yaml for the new OMS, made of the original. Terminal when it cannot be made.
std::string config_of_new_oms(const Target&, const Tools&, const std::string& original);

/// Dumps of carried databases, under the names that their copies have.
std::vector<metadb::DumpManifest> dumps_to_carry(const Target&, const Dumps&);

/// "oms_cm_431 at 10.0.0.9:2883".
std::string title_of(const api::CarriedDatabase&);

}  // namespace oms::upgrade
