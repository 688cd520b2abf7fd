#include "oms/version.hpp"
#include "upgrade/prechecks/rules.hpp"

namespace oms::upgrade {
namespace {

constexpr const char* kFinding = "SeparateCM";

bool reads_split_keys(const Target& target) {
    const auto oat =
        target.spec.oat_version ? parse_version(*target.spec.oat_version) : std::nullopt;
    const bool by_old_oat = oat && *oat < Version{4, 3, 2, ""};
    return meta_keys_of(target.to) == MetaKeys::Split && !by_old_oat;
}

void database_can_be_carried(const CarriedSurvey& one, bool renames_many, Findings& all) {
    const std::string place = one.database.to + " at " + one.database.server;
    if (one.is_taken) {
        add(all,
            kFinding,
            "there is a database " + place + " already",
            "name another one in spec.metaDB.separateCM, or drop it if it is nobody's");
    }
    for (const auto& grant : one.missing_rights) {
        add(all,
            "MetaDBRights",
            "making " + place + " lacks a right",
            "as an administrator of that server: " + grant);
    }
    if (!one.bound_to_name.empty()) {
        std::string what;
        for (const auto& bound : one.bound_to_name) what += (what.empty() ? "" : ", ") + bound;
        add(all,
            kFinding,
            one.database.from + " cannot be carried over under the name " + one.database.to +
                ", since these name their database: " + what,
            "keep its name: leave cmDatabase or heartbeatDatabase out of spec.metaDB.separateCM");
    }
    if (renames_many) {
        add(all,
            kFinding,
            "there are several heartbeat databases, and one heartbeatDatabase",
            "leave heartbeatDatabase out of spec.metaDB.separateCM: they keep their names then");
    }
}

void servers_agree(const SeparationSurvey& separation, const Survey& found, Findings& all) {
    if (!found.meta || found.meta->error) return;
    const metadb::ServerInfo& now = found.meta->server;
    if (now.is_oceanbase != separation.server.is_oceanbase) {
        add(all,
            kFinding,
            "MetaDB is " + now.version + ", the separate place is " + separation.server.version +
                ": one does not take the table definitions of the other",
            "name a server of the same kind in spec.metaDB.separateCM");
    } else if (now.version != separation.server.version) {
        add(all,
            "SeparateCMVersion",
            "MetaDB is " + now.version + ", the separate place is " + separation.server.version +
                ": where they show a definition in different words, the copy counts as different "
                "and the upgrade is taken back",
            "name a server of the same version, or waive SeparateCMVersion");
    }
}

}  // namespace

/// How it is done the procedure does not say, so a person is told what will be, and asked.
void cm_can_be_separated(const Target& target, const Survey& found, Findings& all) {
    if (!target.spec.meta_db.separate_cm || !found.separation) return;
    const SeparationSurvey& separation = *found.separation;
    if (separation.is_there_already) {
        add(all,
            kFinding,
            "config.yaml has the cm database at that place already",
            "nothing to do: spec.metaDB.separateCM may be left out",
            api::Severity::Info);
        return;
    }
    if (!reads_split_keys(target)) {
        add(all,
            kFinding,
            "OMS " + to_string(target.to) +
                ", or the OAT that deployed it, has one connection for rm and cm in config.yaml",
            "leave out spec.metaDB.separateCM");
        return;
    }
    if (separation.error) {
        add(all,
            "SeparateCMReachable",
            separation.error->what,
            "the place that spec.metaDB.separateCM names must be reachable from the operator and "
            "from OMS, with the account of its Secret");
        return;
    }
    add(all,
        "SeparateCMByOperator",
        "the procedure says what tasks must have come to before the CM database is separated, not "
        "how it is done. This operator stops OMS, carries cm and heartbeat databases over from "
        "their dumps, without triggers, compares every row, and then writes the new place into "
        "config.yaml; the old databases stay",
        "look at `oms-operator plan`; the upgrade waits before the stop for spec.approval Granted",
        api::Severity::Warning);
    servers_agree(separation, found, all);
    bool renames_many = target.spec.meta_db.separate_cm->heartbeat_database.has_value() &&
                        separation.databases.size() > 2;
    for (const auto& one : separation.databases) {
        database_can_be_carried(one, renames_many, all);
        renames_many = false;
    }
    if (separation.config_error)
        add(all, kFinding, *separation.config_error, "correct config.yaml or the Secret");
}

}  // namespace oms::upgrade
