#include "base/error.hpp"
#include "oms/ha.hpp"
#include "upgrade/prechecks/rules.hpp"

namespace oms::upgrade {
namespace {

std::string megabytes(std::uint64_t bytes) {
    return std::to_string(bytes >> 20U) + " MiB";
}

}  // namespace

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
                "correct config.yaml; or, if it was dropped for a rollback by hand, create it and "
                "restore it from its dump");
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
            api::Severity::Warning);
    }
}

}  // namespace oms::upgrade
