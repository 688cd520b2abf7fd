#include "upgrade/prechecks.hpp"

#include "base/error.hpp"
#include "oms/ha.hpp"
#include "oms/names.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace oms::upgrade {
namespace {

using api::Finding;
using api::Severity;
using Findings = std::vector<Finding>;

/// A rule adds what it finds. A rule whose facts could not be seen says nothing: that they could
/// not be seen is a finding of another rule.
using Rule = void (*)(const Target&, const Survey&, Findings&);

void add(Findings& all,
         std::string name,
         std::string message,
         std::string remedy,
         Severity severity = Severity::Error) {
    all.push_back({.name = std::move(name),
                   .severity = severity,
                   .message = std::move(message),
                   .remedy = std::move(remedy)});
}

std::string megabytes(std::uint64_t bytes) {
    return std::to_string(bytes >> 20U) + " MiB";
}

void hosts_answer(const Target& target, const Survey& found, Findings& all) {
    for (std::size_t node = 0; node < found.nodes.size(); ++node) {
        if (const auto& error = found.nodes[node].error) {
            add(all,
                "DockerReachable",
                error->what,
                "check spec.nodes[" + std::to_string(node) + "].docker: endpoint " +
                    target.spec.nodes[node].docker.endpoint);
        }
    }
}

void containers_run(const Target& target, const Survey& found, Findings& all) {
    for (std::size_t node = 0; node < found.nodes.size(); ++node) {
        const NodeSurvey& here = found.nodes[node];
        if (here.error) continue;
        const std::string& name = target.spec.nodes[node].container;
        const std::string where = " on " + target.spec.nodes[node].docker.endpoint;
        if (!here.container) {
            add(all,
                "ContainerExists",
                "there is no container " + name + where,
                "name the container that runs OMS now in spec.nodes[" + std::to_string(node) +
                    "].container (docker ps)");
        } else if (!here.container->running) {
            add(all,
                "OmsHealthy",
                "the container " + name + where + " is " + here.container->state,
                "start it, so that its health can be seen, or waive OmsHealthy");
        } else if (here.config && !here.healthy) {
            add(all,
                "OmsHealthy",
                "OMS in " + name + where + " does not say that it is healthy",
                "mend it before it is upgraded (supervisorctl status in the container), or waive "
                "OmsHealthy");
        }
    }
}

void new_name_is_free(const Target& target, const Survey& found, Findings& all) {
    for (std::size_t node = 0; node < found.nodes.size(); ++node) {
        const auto& taken = found.nodes[node].successor;
        if (!taken) continue;
        const std::string name = target.new_container(node);
        if (name == target.spec.nodes[node].container) {
            add(all,
                "NewContainerName",
                "the new container would have the name of the old one, " + name,
                "say another name in spec.nodes[" + std::to_string(node) + "].newContainer");
        } else if (taken->running || !taken->labels.contains("oms.oceanbase.com/run")) {
            add(all,
                "NewContainerName",
                "there is a container " + name + " already, and this operator did not make it",
                "remove it, or say another name in spec.nodes[" + std::to_string(node) +
                    "].newContainer");
        }
    }
}

void version_path(const Target& target, const Survey& found, Findings& all) {
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
    // MigrateSchema and RenameTasks are not part of the plan yet.
    if (needs_schema_migration(*from) && !check_path(*from, target.to)) {
        add(all,
            "VersionPath",
            "upgrades from below 4.0.1 need the .jar step, which this operator does not do yet",
            "upgrade by hand, following the procedure for V3.2.1 or later");
    }
}

void sources_agree(const Target& target, const Survey& found, Findings& all) {
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
        if (!same_release(version, said.front().second)) {
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

void mounts_of(const NodeSurvey& node, Findings& all) {
    std::set<std::string> targets;
    for (const auto& mount : node.container->mounts) targets.insert(mount.target);
    std::vector<std::string> wanted{std::string(kConfigPath)};
    wanted.insert(wanted.end(), kDataPaths.begin(), kDataPaths.end());
    for (const auto& path : wanted) {
        const bool parent = targets.contains(path.substr(0, path.rfind('/')));
        if (targets.contains(path) || parent) continue;
        add(all,
            "Mounts",
            node.container->name + " has nothing mounted at " + path +
                ": what is there would be lost with the container",
            "mount it from the host first (procedure, docker run)");
    }
    for (const auto& [path, writable] : node.writable) {
        if (writable) continue;
        add(all,
            "Mounts",
            path + " in " + node.container->name + " is not writable",
            "mend the mount or its disk");
    }
}

void mounts_are_there(const Target&, const Survey& found, Findings& all) {
    for (const auto& node : found.nodes)
        if (node.container) mounts_of(node, all);
}

/// Says what a version would not take of a config.yaml.
void hold_config(const std::string& text,
                 const Version& version,
                 const std::string& named,
                 Findings& all) {
    for (const auto& problem : check_config(text, version)) {
        add(all,
            "Config",
            named + ": " + (problem.key.empty() ? "" : problem.key + ": ") + problem.what,
            problem.remedy);
    }
}

void config_of_node(const Target& target,
                    const Version& from,
                    const NodeSurvey& node,
                    Findings& all) {
    const std::size_t before = all.size();
    hold_config(*node.config, from, "config.yaml of " + node.container->name, all);
    if (all.size() != before || !target.splits_config()) return;
    try {
        hold_config(split_meta_keys(*node.config),
                    target.to,
                    "config.yaml as it would be for " + to_string(target.to),
                    all);
    } catch (const Terminal& error) {
        add(all, "Config", error.what(), "write the oms_meta_* keys one a line");
    }
}

void config_is_valid(const Target& target, const Survey& found, Findings& all) {
    const auto from = source_version(target, found);
    for (const auto& node : found.nodes) {
        if (!node.container) continue;
        if (!node.config) {
            add(all,
                "Config",
                node.container->name + " has no " + std::string(kConfigPath),
                "is it an OMS container?");
        } else if (from) {
            config_of_node(target, *from, node, all);
        }
    }
    if (found.config_error && all.empty())
        add(all, "Config", *found.config_error, "correct config.yaml");
}

void meta_db_is_ready(const Target&, const Survey& found, Findings& all) {
    if (!found.meta) return;
    if (found.meta->error) {
        add(all,
            "MetaDB",
            found.meta->error->what,
            "MetaDB must be reachable from the operator with the account of config.yaml; "
            "spec.metaDB overrides host, port and account");
    }
    for (const auto& database : found.meta->databases) {
        if (!database.exists) {
            add(all,
                "MetaDB",
                "the database " + database.name + " of config.yaml does not exist",
                "correct config.yaml");
        }
        for (const auto& grant : database.missing_rights) {
            add(all,
                "MetaDBRights",
                "backup or restore of " + database.name + " lacks a right",
                "as an administrator of MetaDB: " + grant);
        }
    }
}

void ha_can_be_read(const Target&, const Survey& found, Findings& all) {
    if (!found.meta || found.meta->error || !found.meta->ha_config) return;
    try {
        parse_ha(*found.meta->ha_config);
    } catch (const Terminal& error) {
        add(all, "HAConfig", error.what(), "correct ha.config in System Parameters of the console");
    }
}

/// Twice the estimate is asked for: it is rough, and a full disk in the middle costs the downtime.
void backup_fits(const Target&, const Survey& found, Findings& all) {
    if (found.backup_error) {
        add(all, "BackupSpace", found.backup_error->what, "give the operator a backup folder");
        return;
    }
    if (!found.meta) return;
    std::uint64_t bytes = 64U << 20U;
    for (const auto& database : found.meta->databases) bytes += 2 * database.bytes;
    if (found.backup_free_bytes < bytes) {
        add(all,
            "BackupSpace",
            found.backup_folder + " has " + megabytes(found.backup_free_bytes) +
                " free; the backup wants " + megabytes(bytes),
            "make room there");
    }
}

void clocks_agree(const Target&, const Survey& found, Findings& all) {
    constexpr std::chrono::seconds kSkewMax{60};
    if (!found.meta || found.meta->error) return;
    const auto ahead = found.meta->server.clock_ahead;
    if (ahead > kSkewMax || ahead < -kSkewMax) {
        add(all,
            "Clocks",
            "the clock of MetaDB differs from the operator's by " + std::to_string(ahead.count()) +
                " s",
            "let both follow NTP: OMS tasks time out otherwise",
            Severity::Warning);
    }
}

constexpr std::array<Rule, 12> kRules{
    hosts_answer,      // the daemon can be asked
    containers_run,    // there is an OMS, and it is well
    version_path,      // the procedure leads from here to there
    sources_agree,     // nobody says another version
    image_is_right,    // what will be loaded is what was asked for
    new_name_is_free,  // the new container can have its name
    mounts_are_there,  // nothing lives in the container alone
    config_is_valid,   // both versions can read their config.yaml
    meta_db_is_ready,  // it can be backed up and put back
    ha_can_be_read,    // HA can be switched off and on
    backup_fits,       // the disk will not be full half-way
    clocks_agree,      // OMS tells time as MetaDB does
};

}  // namespace

std::vector<api::Finding> examine(const Target& target, const Survey& found) {
    Findings all;
    for (const Rule rule : kRules) rule(target, found, all);
    const auto& waive = target.spec.prechecks.waive;
    for (auto& finding : all)
        finding.waived = std::find(waive.begin(), waive.end(), finding.name) != waive.end();
    return all;
}

}  // namespace oms::upgrade
