#include "upgrade/separation_survey.hpp"

#include "upgrade/separation.hpp"

#include <algorithm>

namespace oms::upgrade {
namespace {

CarriedSurvey survey_database(const Tools& tools, const api::CarriedDatabase& database) {
    const metadb::MetaDb& place = tools.separate_cm();
    CarriedSurvey found{.database = database,
                        .is_taken = place.has_database(database.to),
                        .missing_rights = place.missing_rights(database.to),
                        .bound_to_name = {}};
    if (database.to != database.from) found.bound_to_name = tools.cm().bound_to_name(database.from);
    return found;
}

bool is_there(const Config& config, const SeparationSurvey& found, const api::SeparateCmSpec& at) {
    return config.cm.host == at.host && config.cm.port == at.port &&
           std::all_of(found.databases.begin(), found.databases.end(), [](const auto& one) {
               return one.database.from == one.database.to;
           });
}

/// What config_of_new_oms does, before anything is on record.
std::optional<std::string> problem_of_config(const Target& target,
                                             const Tools& tools,
                                             const std::string& text,
                                             const SeparationSurvey& found) {
    Target planned = target;
    for (const auto& one : found.databases)
        planned.before.carried_databases.push_back(one.database);
    try {
        const std::string made = config_of_new_oms(planned, tools, text);
        for (const auto& problem : check_config(made, MetaKeys::Split))
            return "config.yaml as it would be: " + problem.key + " " + problem.what;
        return std::nullopt;
    } catch (const Terminal& error) {
        return error.what();
    }
}

}  // namespace

SeparationSurvey survey_separation(const Target& target,
                                   const Tools& tools,
                                   const std::string& text,
                                   const Config& config,
                                   const std::vector<std::string>& databases) {
    SeparationSurvey found;
    const api::SeparateCmSpec& place = *target.spec.meta_db.separate_cm;
    for (const auto& database : databases_to_carry(place, databases))
        found.databases.push_back({database, false, {}, {}});
    found.is_there_already = is_there(config, found, place);
    if (found.is_there_already) return found;
    found.error = failure_of([&] {
        found.server = tools.separate_cm().info();
        for (auto& one : found.databases) one = survey_database(tools, one.database);
    });
    if (!found.error) found.config_error = problem_of_config(target, tools, text, found);
    return found;
}

void record_separation(const std::optional<SeparationSurvey>& found, api::Status& status) {
    status.before.carried_databases.clear();
    if (!found || found->is_there_already) return;
    for (const auto& one : found->databases)
        status.before.carried_databases.push_back(one.database);
}

}  // namespace oms::upgrade
