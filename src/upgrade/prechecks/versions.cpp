#include "upgrade/prechecks/rules.hpp"

namespace oms::upgrade {
void version_path(const Target& target, const Survey& found, Findings& all) {
    if (meta_db_is_of_target(target, found)) return;  // BegunByHand says more of it
    const auto from = source_version(target, found);
    if (!from) {
        const bool seen = found.nodes.front().container.has_value();
        if (seen) {
            add(all,
                "SourceVersion",
                "nothing tells the version of the OMS that is there: neither MetaDB nor the tag of "
                "its image",
                "say it in spec.sourceVersion");
        }
        return;
    }
    if (const auto problem = check_path(*from, target.to))
        add(all, "VersionPath", problem->what, problem->remedy);
}

void sources_agree(const Target& target, const Survey& found, Findings& all) {
    if (meta_db_is_of_target(target, found)) return;  // to believe one of them is no remedy then
    std::vector<std::pair<std::string, Version>> said;
    const auto note = [&](const std::string& who, const std::optional<Version>& version) {
        if (version) said.emplace_back(who, *version);
    };
    if (target.spec.source_version)
        note("spec.sourceVersion", parse_version(*target.spec.source_version));
    if (found.meta && found.meta->oms_version)
        note("oms_version in MetaDB", parse_version(*found.meta->oms_version));
    for (const auto& node : found.nodes) {
        if (node.container)
            note("the image of " + node.container->name, version_in_image(node.container->image));
    }
    for (const auto& [who, version] : said) {
        const Version& first = said.front().second;
        if (!same_release(version, first) || is_community(version) != is_community(first)) {
            add(all,
                "VersionsAgree",
                said.front().first + " says " + to_string(said.front().second) + ", " + who +
                    " says " + to_string(version),
                "find out which is right, say it in spec.sourceVersion and waive VersionsAgree");
            return;
        }
    }
}

void image_is_right(const Target& target, const Survey& found, Findings& all) {
    const api::ImageSpec& wanted = target.spec.image;
    const auto tagged = version_in_image(wanted.reference);
    if (tagged && !same_release(*tagged, target.to)) {
        add(all,
            "ImageVersion",
            "the tag of " + wanted.reference + " says " + to_string(*tagged) +
                ", spec.targetVersion says " + to_string(target.to),
            "correct one of the two");
    }
    if (wanted.archive && !found.archive_bytes) {
        add(all,
            "ImageArchive",
            "the archive " + *wanted.archive + " cannot be read on the operator's machine",
            "put the installation package there, or leave spec.image.archive out when the image is "
            "loaded already");
    }
    if (found.archive_bytes && *found.archive_bytes == 0)
        add(all, "ImageArchive", "the archive " + *wanted.archive + " is empty", "fetch it again");
    for (const auto& node : found.nodes) {
        if (!node.image) continue;
        if (wanted.id && node.image->id != *wanted.id && !wanted.archive) {
            add(all,
                "ImageId",
                wanted.reference + " is there with the id " + node.image->id +
                    ", and spec.image.id asks for " + *wanted.id,
                "load the right image, or correct spec.image.id");
        }
        if (!node.image->architecture.empty() &&
            node.image->architecture != node.host.architecture) {
            add(all,
                "ImageArchitecture",
                wanted.reference + " is for " + node.image->architecture + ", " + node.host.name +
                    " is " + node.host.architecture,
                "use the installation package for " + node.host.architecture);
        }
    }
}

/// What the documents say of versions, and MetaDB shows nobody (oms-facts 2.5).
void limits_of_old_sources(const Target& target, const Survey& found, Findings& all) {
    const auto from = source_version(target, found);
    if (!from || !needs_schema_migration(*from)) return;
    const auto warn = [&](std::string name, std::string message, std::string remedy) {
        add(all, std::move(name), std::move(message), std::move(remedy), api::Severity::Warning);
    };
    warn("OblogproxyTasks",
         "OMS with tasks that pull through oblogproxy cannot be upgraded, and no table tells "
         "whether "
         "there are any",
         "if there are, deploy the new OMS beside this one and make the tasks anew");
    if (*from > Version{3, 2, 2, ""}) return;
    warn("DdlSyncDbType",
         "tasks that synchronize DDL, made by 3.2.1 or 3.2.2, need `dbType` in the source "
         "configuration of their Incr-Sync",
         "add it before the upgrade; afterwards: add it, or clone the task");
    if (*from > Version{3, 2, 1, ""}) return;
    warn("DataHubTasks",
         "DataHub tasks of 3.2.1 are not shown after the upgrade",
         "if there are any, contact OMS Technical Support");
}

}  // namespace oms::upgrade
