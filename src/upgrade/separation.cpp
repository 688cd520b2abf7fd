#include "upgrade/separation.hpp"

#include <algorithm>

namespace oms::upgrade {
namespace {

const api::CarriedDatabase* find(const Target& target, const std::string& database) {
    const auto& all = target.before.carried_databases;
    const auto at = std::find_if(
        all.begin(), all.end(), [&](const auto& carried) { return carried.from == database; });
    return at == all.end() ? nullptr : &*at;
}

}  // namespace

bool separates_cm(const Target& target) {
    return !target.before.carried_databases.empty();
}

std::vector<api::CarriedDatabase> databases_to_carry(const api::SeparateCmSpec& place,
                                                     const std::vector<std::string>& databases) {
    std::vector<api::CarriedDatabase> all;
    const std::string server = place.host + ":" + std::to_string(place.port);
    for (std::size_t i = 1; i < databases.size(); ++i) {
        const auto& renamed = i == 1 ? place.cm_database : place.heartbeat_database;
        all.push_back({databases[i], renamed.value_or(databases[i]), server, false});
    }
    return all;
}

const metadb::MetaDb& cm_of_new_oms(const Target& target, const Tools& tools) {
    return separates_cm(target) ? tools.separate_cm() : tools.cm();
}

std::string name_in_new_oms(const Target& target, const std::string& database) {
    const auto* carried = find(target, database);
    return carried == nullptr ? database : carried->to;
}

bool rewrites_config(const Target& target) {
    return target.splits_config() || separates_cm(target);
}

std::string config_of_new_oms(const Target& target,
                              const Tools& tools,
                              const std::string& original) {
    std::string text = target.splits_config() ? split_meta_keys(original) : original;
    if (!separates_cm(target)) return text;
    SeparateCm wanted{.place = tools.separate_cm_endpoint(), .names = {}};
    for (const auto& carried : target.before.carried_databases)
        wanted.names[carried.from] = carried.to;
    return separate_cm(text, wanted);
}

std::vector<metadb::DumpManifest> dumps_to_carry(const Target& target, const Dumps& dumps) {
    std::vector<metadb::DumpManifest> all;
    for (metadb::DumpManifest dump : dumps.complete) {
        const auto* carried = find(target, dump.database);
        if (carried == nullptr) continue;
        dump.database = carried->to;
        all.push_back(std::move(dump));
    }
    return all;
}

std::string title_of(const api::CarriedDatabase& carried) {
    return carried.to + " at " + carried.server;
}

}  // namespace oms::upgrade
