#include "upgrade/prechecks.hpp"

#include "upgrade/prechecks/rules.hpp"

#include <algorithm>
#include <array>

namespace oms::upgrade {
namespace {

using Rule = void (*)(const Target&, const Survey&, Findings&);

constexpr std::array<Rule, 29> kRules{
    hosts_answer,             // the daemon can be asked
    nothing_was_begun,        // nobody has begun by hand what cannot be taken back
    containers_run,           // there is an OMS, and it is well
    version_path,             // the procedure leads from here to there
    sources_agree,            // nobody says another version
    image_is_right,           // what will be loaded is what was asked for
    image_is_of_the_edition,  // and of the edition that is there
    archive_is_right,         // the package is for these hosts
    new_name_is_free,         // the new container can have its name
    mounts_are_there,         // nothing lives in the container alone
    https_can_be_spoken,      // by nginx, with what is mounted
    config_is_valid,          // both versions can read their config.yaml
    oat_keeps_the_keys,       // what OAT below 4.3.2 means
    others_are_discovered,    // where the manifest leaves nodes out
    every_node_is_listed,     // the OMS is upgraded whole
    regions_are_sound,        // and is one OMS
    meta_db_is_ready,         // it can be backed up and put back
    ha_can_be_read,           // HA can be switched off and on
    ha_is_on_before,          // or stays off
    task_names_are_unique,    // the jar can restructure them
    black_regions_are_known,  // no task would run in a circle
    cm_can_be_separated,      // the cm database can have a place of its own
    tasks_have_proceeded,     // and all tasks are ready for that
    limits_of_old_sources,    // what no table tells
    backup_fits,              // the disk will not be full half-way
    clocks_agree,             // MetaDB tells time as we do
    hosts_clocks_agree,       // OMS tells time as MetaDB does
    tasks_can_be_kept,        // components can be upgraded while they run
    window_can_open,          // the upgrade would not wait for ever
};

/// Two versions on one MetaDB are no risk to take, but damage.
bool may_be_waived(const Target& target, const Survey& found, const api::Finding& finding) {
    return finding.name != kBegunByHand || !new_version_runs(target, found);
}

Findings with_waivers(const Target& target, const Survey& found, Findings all) {
    const auto& waive = target.spec.prechecks.waive;
    for (auto& finding : all) {
        finding.waived = std::find(waive.begin(), waive.end(), finding.name) != waive.end() &&
                         may_be_waived(target, found, finding);
    }
    return all;
}

}  // namespace

void add(Findings& all,
         std::string name,
         std::string message,
         std::string remedy,
         api::Severity severity) {
    all.push_back({.name = std::move(name),
                   .severity = severity,
                   .message = std::move(message),
                   .remedy = std::move(remedy)});
}

std::vector<api::Finding> examine(const Target& target, const Survey& found) {
    Findings all;
    for (const Rule rule : kRules) rule(target, found, all);
    return with_waivers(target, found, std::move(all));
}

std::vector<api::Finding> examine_tasks(const Target& target, TaskSurvey tasks) {
    Survey found;
    found.tasks = std::move(tasks);
    Findings all;
    tasks_have_proceeded(target, found, all);
    return with_waivers(target, found, std::move(all));
}

}  // namespace oms::upgrade
