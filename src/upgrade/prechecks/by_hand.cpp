#include "base/error.hpp"
#include "oms/ha.hpp"
#include "oms/names.hpp"
#include "upgrade/heartbeat.hpp"
#include "upgrade/prechecks/rules.hpp"

#include <algorithm>

/// What is seen of an upgrade that a person began by hand (docs/begun-by-hand.md).
namespace oms::upgrade {
namespace {

constexpr auto kRunLabel = "oms.oceanbase.com/run";        // on what StartOMS makes
constexpr auto kHelperLabel = "oms.oceanbase.com/helper";  // on what never is an OMS

const runtime::Mount* mount_at(const runtime::Container& container, std::string_view path) {
    const auto at = std::find_if(container.mounts.begin(),
                                 container.mounts.end(),
                                 [&](const runtime::Mount& mount) { return mount.target == path; });
    return at == container.mounts.end() ? nullptr : &*at;
}

/// Do both see the same config.yaml or one of the same three folders? The procedure wants the new
/// container to have the paths of the old one; a container of the image that has none of them (a
/// look into it, the OMS of another site) reaches nothing of this OMS.
bool shares_files(const runtime::Container& one, const runtime::Container& other) {
    const auto shares = [&](std::string_view path) {
        const auto* here = mount_at(one, path);
        const auto* there = mount_at(other, path);
        return here != nullptr && there != nullptr && here->source == there->source;
    };
    return shares(kConfigPath) || std::any_of(kDataPaths.begin(), kDataPaths.end(), shares);
}

bool has_image_of_target(const Target& target,
                         const NodeSurvey& node,
                         const runtime::Container& container) {
    if (container.image == target.spec.image.reference) return true;
    if (node.image && container.image_id == node.image->id) return true;
    // Another build of it, or one that lies between: newer than what is there in any case.
    const auto version = version_in_image(container.image);
    const auto old = node.container ? version_in_image(node.container->image) : std::nullopt;
    return version && ((old && *version > *old) || same_release(*version, target.to));
}

/// After a rollback the old container is started last; so what was started after it was started by
/// somebody else, or the old one was left stopped, as it had been found.
bool was_started_last(const runtime::Container& container, const NodeSurvey& node) {
    if (container.running) return true;
    return container.started_at && node.container && node.container->started_at &&
           *container.started_at > *node.container->started_at;
}

std::string since(const std::optional<Time>& time) {
    return time ? " since " + to_rfc3339(*time) : "";
}

std::string life_of(const runtime::Container& container) {
    if (container.running) return "is " + container.state + since(container.started_at);
    std::string said = "is " + container.state + since(container.finished_at);
    if (container.started_at) said += " and was started at " + to_rfc3339(*container.started_at);
    return said;
}

std::string schema_of(const Survey& found) {
    if (!found.meta || found.meta->error) return "";
    if (!found.meta->oms_version) return "; oms_version in MetaDB says nothing";
    return "; oms_version in MetaDB says " + *found.meta->oms_version;
}

std::string by_docker(const Target& target,
                      std::size_t node,
                      const std::string& verb,
                      const std::string& container) {
    return "`" + target.docker(node) + " " + verb + " " + container + "`";
}

std::string way_back(const Target& target, std::size_t node, const std::string& container) {
    const std::string& old = target.spec.nodes[node].container;
    return "stop " + container +
           ", drop, create and restore every database from dumps made before it was first started, "
           "put the config.yaml of " +
           old + " back, then " + by_docker(target, node, "rm", container) + " and " +
           by_docker(target, node, "start", old) +
           ". Where the databases and config.yaml have been put back already, do the last two";
}

std::string remedy_for(const Target& target,
                       const Survey& found,
                       std::size_t node,
                       const std::string& container) {
    const std::string back = way_back(target, node, container);
    if (meta_db_is_of_target(target, found)) {
        return "if the console of " + container +
               " is healthy, only HA is missing: enable ha.config there as it was recorded "
               "(procedure, last step), and nothing is left for this operator. Else go back: " +
               back;
    }
    const std::string scripts = target.migrates_schema()
                                    ? "the jar, add_resource and docker_upgrade.sh"
                                    : std::string(kUpgradeScript);
    return "finish it by hand from the step it was left at (" + scripts +
           " must not run twice), or go back and begin again with this operator: " + back;
}

void newcomers_of(const Target& target, const Survey& found, std::size_t node, Findings& all) {
    const NodeSurvey& here = found.nodes[node];
    for (const auto& one : here.containers) {
        if (!is_of_new_version(target, here, one)) continue;
        const std::string name = target.said(one.name, node) + " of the image " + one.image;
        if (!one.running && !one.started_at) {
            add(all,
                kBegunByHand,
                "the container " + name + " was made by hand and never started: MetaDB has not " +
                    "seen the new version",
                "remove it, " + by_docker(target, node, "rm", one.name) +
                    ": the upgrade makes its own, from the settings of the old one");
            continue;
        }
        add(all,
            kBegunByHand,
            "the container " + name + " " + life_of(one) + ", and not by this upgrade" +
                schema_of(found) +
                ". The new version may have written to MetaDB: a backup made now might not bring " +
                "the old one back",
            remedy_for(target, found, node, one.name));
    }
}

void databases_are_whole(const Survey& found, Findings& all) {
    for (const auto& database : found.meta->databases) {
        if (!database.exists || !database.missing_rights.empty()) continue;
        const std::string restore =
            "restore it from its dump, with every OMS stopped (docs/restore-by-hand.md for one of "
            "this operator's)";
        if (database.empty) {
            add(all,
                kBegunByHand,
                "the database " + database.name +
                    " is there and empty, as a rollback by hand leaves it between `create "
                    "database` and the dump",
                restore);
        } else if (!database.missing_tables.empty()) {
            add(all,
                kBegunByHand,
                "the database " + database.name + " has no table " +
                    database.missing_tables.front() +
                    ", as a dump leaves it that was loaded by half",
                "drop and create it, and " + restore);
        }
    }
}

void heartbeats_are_whole(const Survey& found, Findings& all) {
    for (const auto& [database, tables] : found.meta->heartbeats) {
        const NextStatement next = next_statement(tables);
        if (const auto* why = std::get_if<std::string>(&next)) {
            add(all, kBegunByHand, "in " + database + ": " + *why, "do so, with every OMS stopped");
        } else if (!tables.sequence || tables.copy || tables.aside) {
            add(all,
                "HeartbeatSwap",
                "the five statements on heatbeat_sequence were begun in " + database +
                    " and not ended",
                "nothing to do: CompactHeartbeat goes on from there",
                api::Severity::Info);
        }
    }
}

}  // namespace

bool is_of_new_version(const Target& target,
                       const NodeSurvey& node,
                       const runtime::Container& container) {
    if (node.container && container.id == node.container->id) return false;
    if (container.labels.contains(kHelperLabel)) return false;
    const bool ours = container.labels.contains(kRunLabel);
    if (ours) return was_started_last(container, node);
    if (node.container && !shares_files(container, *node.container)) return false;
    if (!node.container && mount_at(container, kConfigPath) == nullptr) return false;
    // An older one that ran on these files is the predecessor of what is there.
    return container.running || has_image_of_target(target, node, container);
}

bool new_version_runs(const Target& target, const Survey& found) {
    return std::any_of(found.nodes.begin(), found.nodes.end(), [&](const NodeSurvey& node) {
        return std::any_of(
            node.containers.begin(), node.containers.end(), [&](const runtime::Container& one) {
                return one.running && is_of_new_version(target, node, one);
            });
    });
}

bool meta_db_is_of_target(const Target& target, const Survey& found) {
    if (!found.meta || found.meta->error || !found.meta->oms_version) return false;
    const auto there = parse_version(*found.meta->oms_version);
    const auto& old = found.nodes.front().container;
    const auto image = old ? version_in_image(old->image) : std::nullopt;
    return there && same_release(*there, target.to) && image && !same_release(*image, target.to);
}

void nothing_was_begun(const Target& target, const Survey& found, Findings& all) {
    const std::size_t before = all.size();
    for (std::size_t node = 0; node < found.nodes.size(); ++node)
        newcomers_of(target, found, node, all);
    if (!found.meta) return;
    databases_are_whole(found, all);
    if (all.size() == before && meta_db_is_of_target(target, found)) {
        const std::string& old = target.spec.nodes.front().container;
        add(all,
            kBegunByHand,
            "oms_version in MetaDB says " + *found.meta->oms_version + " and " + old +
                " is older: docker_upgrade.sh has run, and no container of the new version is "
                "there any more",
            "restore every database from dumps made before, put the config.yaml of " + old +
                " back and start it; or run the new version again and finish by hand");
    }
    heartbeats_are_whole(found, all);
}

void ha_is_on_before(const Target&, const Survey& found, Findings& all) {
    if (!found.meta || found.meta->error || !found.meta->ha_config) return;
    try {
        if (parse_ha(*found.meta->ha_config).enable) return;
    } catch (const Terminal&) {
        return;  // a finding of its own
    }
    add(all,
        "HAOff",
        "ha.config says \"enable\": false, and will after the upgrade: it comes back as it was",
        "if HA was disabled for this upgrade, enable it before it begins, or in the console "
        "afterwards",
        api::Severity::Info);
}

}  // namespace oms::upgrade
