#include "upgrade/dumps.hpp"

#include "base/error.hpp"
#include "base/sha256.hpp"
#include "upgrade/nodes.hpp"
#include "upgrade/separation.hpp"

#include <algorithm>

namespace oms::upgrade {
namespace {

/// Databases that one connection holds: all of them where rm and cm are the same.
struct Share {
    metadb::MetaDb* server = nullptr;
    std::vector<std::string> databases;
};

std::vector<Share> shares(const Target& target, Tools& tools) {
    std::vector<Share> all;
    for (const auto& database : target.before.databases) {
        metadb::MetaDb* server = &server_of(target, tools, database);
        const auto known = std::find_if(
            all.begin(), all.end(), [&](const Share& share) { return share.server == server; });
        if (known == all.end()) {
            all.push_back({server, {database}});
        } else {
            known->databases.push_back(database);
        }
    }
    return all;
}

void for_each_share(const Target& target,
                    Tools& tools,
                    const std::function<void(const Share&)>& work) {
    const std::vector<Share> all = shares(target, tools);
    Jobs jobs;
    for (const Share& share : all) jobs.emplace_back([&] { work(share); });
    tools.at_once(jobs);
}

bool is_untouched(const Target& target, const Tools& tools, const metadb::DumpManifest& dump) {
    if (!separates_cm(target) || dump.database == target.rm_database()) return false;
    return !server_of(target, tools, dump.database)
                .first_difference(dump, tools.report(), tools.stop());
}

}  // namespace

std::string config_file_name(const Target& target, std::size_t node) {
    return config_file_name(target.spec.nodes.size(), node);
}

std::string config_file_name(std::size_t node_count, std::size_t node) {
    if (node_count == 1) return "config.yaml";
    return "config." + std::to_string(node) + ".yaml";
}

Dumps look_at_dumps(const Target& target, const Tools& tools) {
    const bool read_back = target.spec.backup.verify == api::BackupVerify::ReadBack;
    Dumps dumps{.folder = tools.backups().folder().string()};
    for (const auto& database : target.before.databases) {
        try {
            auto found = tools.backups().find(database, read_back);
            if (found) {
                dumps.complete.push_back(std::move(*found));
            } else {
                dumps.missing.push_back(database);
            }
        } catch (const Terminal& error) {
            dumps.problem = error.what();
        }
    }
    for (std::size_t node = 0; node < target.spec.nodes.size(); ++node) {
        const std::string name = config_file_name(target, node);
        const auto kept = tools.backups().read(name);
        if (!kept) {
            dumps.missing.push_back(name);
        } else if (sha256_hex(*kept) != target.before.nodes.at(node).config_sha256) {
            dumps.problem = dumps.folder + "/" + name +
                            " is not the config.yaml that was there before the upgrade";
        }
    }
    return dumps;
}

std::optional<std::string> running_oms(const Target& target, const Tools& tools, Goal goal) {
    using Running = std::optional<std::string>;
    const auto running = look_at_nodes(target, tools, [&](std::size_t node) -> Running {
        if (goal == Goal::Applied && target.keeps_running(node)) return std::nullopt;
        for (const auto& name : {target.spec.nodes[node].container, target.new_container(node)}) {
            const auto container = tools.host(node).find_container(name);
            if (container && container->running) return target.said(container->name, node);
        }
        return std::nullopt;
    });
    for (const auto& one : running)
        if (one) return one;
    return std::nullopt;
}

std::optional<std::string> difference_from_dumps(const Target& target,
                                                 const Dumps& dumps,
                                                 const Tools& tools) {
    for (const auto& dump : dumps.complete) {
        const auto difference = server_of(target, tools, dump.database)
                                    .first_difference(dump, tools.report(), tools.stop());
        if (difference) return dump.database + ": " + *difference;
    }
    return std::nullopt;
}

void keep_configs(const Target& target, Tools& tools) {
    for_each_node(target, tools, [&](std::size_t node) {
        const std::string name = config_file_name(target, node);
        if (tools.backups().read(name)) return;
        const std::string text = config_of(target, tools, node);
        if (sha256_hex(text) != target.before.nodes.at(node).config_sha256) {
            throw Terminal("config.yaml of " + target.spec.nodes[node].container +
                           " was edited since the prechecks; apply the upgrade again, so that it "
                           "is checked as it is now");
        }
        tools.backups().keep(name, text);
    });
}

void dump_all(const Target& target, Tools& tools) {
    const api::BackupSpec& wanted = target.spec.backup;
    const metadb::DumpOptions options{
        .compression = wanted.compression == api::BackupCompression::Zstd
                           ? metadb::Compression::Zstd
                           : metadb::Compression::None,
        .threads = static_cast<unsigned>(std::max(1, wanted.threads))};
    const auto folder = tools.backups().folder();
    for_each_share(target, tools, [&](const Share& share) {
        share.server->dump(share.databases, folder, options, tools.report(), tools.stop());
    });
}

void restore_all(const Target& target, Tools& tools) {
    const Dumps dumps = look_at_dumps(target, tools);
    if (dumps.problem) throw Terminal(*dumps.problem);
    if (!dumps.missing.empty()) {
        throw Terminal("the backup of " + dumps.missing.front() + " is gone from " + dumps.folder +
                       "; nothing was dropped");
    }
    for_each_share(target, tools, [&](const Share& share) {
        std::vector<metadb::DumpManifest> mine;
        for (const auto& dump : dumps.complete) {
            const auto& names = share.databases;
            if (std::find(names.begin(), names.end(), dump.database) == names.end()) continue;
            if (!is_untouched(target, tools, dump)) mine.push_back(dump);
        }
        if (mine.empty()) return;
        share.server->restore(mine, dumps.folder, tools.report(), tools.stop());
    });
}

api::Backup as_backup(const Dumps& dumps) {
    api::Backup backup{.path = dumps.folder, .databases = {}};
    for (const auto& dump : dumps.complete) {
        std::uint64_t rows = 0;
        for (const auto& table : dump.tables) rows += table.rows;
        backup.databases.push_back({.name = dump.database,
                                    .file = dump.file,
                                    .bytes = static_cast<std::int64_t>(dump.bytes),
                                    .sha256 = dump.sha256,
                                    .tables = static_cast<std::int32_t>(dump.tables.size()),
                                    .rows = static_cast<std::int64_t>(rows)});
    }
    return backup;
}

}  // namespace oms::upgrade
