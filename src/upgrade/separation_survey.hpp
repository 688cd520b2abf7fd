#pragma once

#include "metadb/meta_db.hpp"
#include "oms/config.hpp"
#include "upgrade/look_error.hpp"
#include "upgrade/target.hpp"
#include "upgrade/tools.hpp"

#include <optional>
#include <string>
#include <vector>

namespace oms::upgrade {

/// A database that is to be carried over, and what was found of it.
struct CarriedSurvey {
    api::CarriedDatabase database;
    bool is_taken = false;  // the new place has one of its new name
    std::vector<std::string> missing_rights;
    std::vector<std::string> bound_to_name;  // what could not live under its new name
};

/// What was found of the place that spec.metaDB.separateCM names.
struct SeparationSurvey {
    std::optional<LookError> error;
    bool is_there_already = false;  // config.yaml names that place, and those databases
    metadb::ServerInfo server;
    std::vector<CarriedSurvey> databases;
    std::optional<std::string> config_error;  // why config.yaml cannot be made for it
};

/// Looks at the new place of the databases (rm first), which config.yaml `text` names now.
SeparationSurvey survey_separation(const Target&,
                                   const Tools&,
                                   const std::string& text,
                                   const Config&,
                                   const std::vector<std::string>& databases);

/// What of it must be known later: status.before.carriedDatabases.
void record_separation(const std::optional<SeparationSurvey>&, api::Status&);

}  // namespace oms::upgrade
