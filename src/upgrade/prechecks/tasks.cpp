#include "oms/tasks.hpp"

#include "upgrade/prechecks/rules.hpp"

namespace oms::upgrade {

/// Names must be unique before the schemas are restructured (procedure, "Prerequisites").
void task_names_are_unique(const Target& target, const Survey& found, Findings& all) {
    if (!found.meta) return;
    const auto& shared = found.meta->shared_names;
    const bool rename =
        target.spec.prechecks.duplicate_task_names == api::DuplicateTaskNames::Rename;
    if (unique_names(shared).size() > kRenamesMax) {
        add(all,
            "DuplicateTaskNames",
            "more than " + std::to_string(kRenamesMax) + " tasks share their name with another one",
            "rename them first (procedure, \"Prerequisites\")");
        return;
    }
    for (const auto& one : shared) {
        add(all,
            "DuplicateTaskNames",
            describe(one) + (rename ? "; all but the first will be renamed" : ""),
            rename
                ? "nothing to do: status.before.renamedTasks will hold the old names"
                : "rename all but one of them, or set spec.prechecks.duplicateTaskNames to Rename",
            rename ? api::Severity::Info : api::Severity::Error);
    }
}

/// What is both source and target cannot be seen: where OMS keeps its data sources is documented
/// nowhere (oms-facts 2.1). So a person is asked.
void black_regions_are_known(const Target&, const Survey& found, Findings& all) {
    if (!found.meta || found.meta->black_region_jobs.empty()) return;
    std::string jobs;
    for (const auto& job : found.meta->black_region_jobs) jobs += (jobs.empty() ? "" : ", ") + job;
    add(all,
        "BlackRegionNo",
        "config_job of the cm database has sourceFile.blackRegionNo other than cm_location: " +
            jobs,
        "if an OceanBase data source is the target of one task and the source of another, contact "
        "OMS Technical Support; if none is, waive BlackRegionNo");
}

}  // namespace oms::upgrade
