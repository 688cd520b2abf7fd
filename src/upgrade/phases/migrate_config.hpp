#pragma once

#include "base/error.hpp"
#include "base/sha256.hpp"
#include "oms/config.hpp"
#include "oms/names.hpp"
#include "upgrade/dumps.hpp"
#include "upgrade/nodes.hpp"
#include "upgrade/phase.hpp"
#include "upgrade/separation.hpp"

#include <optional>

namespace oms::upgrade {

/// Give config.yaml the keys that the new version reads (procedure, "Modify the config.yaml file").
///
///   Done when  every node's live file equals the rendered one, made from the original kept with
///              the backup; the original also lies beside the live file.
///   Undone     when every live file equals its original byte for byte.
///   Why here   the old version cannot read the new file: it must be stopped, and the original
///              kept.
///
/// The file of a container that goes on running is left alone: what its next start will need of it
/// is said as a follow-up.
struct MigrateConfig {
    static constexpr std::string_view kName = "MigrateConfig";
    static constexpr std::string_view kMilestone = "ConfigMigrated";
    static constexpr std::chrono::seconds kDeadline{300};
    static constexpr std::chrono::milliseconds kLookAgain{500};
    static constexpr int kPushesMax = 5;
    static constexpr bool kTouchesOms = true;

    struct Facts {
        std::vector<std::string> live;                     // one a node
        std::vector<std::optional<std::string>> original;  // as kept with the backup
        std::vector<std::string> rendered;                 // on the way there, of the originals
    };

    static Facts observe(const Target& target, const Tools& tools, Goal goal) {
        Facts facts{
            .live = look_at_nodes(
                target, tools, [&](std::size_t node) { return config_of(target, tools, node); }),
            .original = {},
            .rendered = {}};
        const bool renders = goal == Goal::Applied && rewrites_config(target);
        for (std::size_t node = 0; node < target.spec.nodes.size(); ++node) {
            facts.original.push_back(tools.backups().read(config_file_name(target, node)));
            const auto& original = facts.original.back();
            facts.rendered.push_back(
                renders && original ? config_of_new_oms(target, tools, *original) : "");
        }
        return facts;
    }

    static Verdict judge(const Target& target, const Facts& facts, Goal goal) {
        return judge_nodes(facts.live.size(), [&](std::size_t node) -> Verdict {
            if (target.keeps_running(node)) return Done{};
            const bool is_original =
                sha256_hex(facts.live[node]) == target.before.nodes.at(node).config_sha256;
            const std::string file =
                "config.yaml of " + target.said(target.spec.nodes[node].container, node);
            return goal == Goal::Applied
                       ? judge_migrated(target, facts, node, is_original, file)
                       : judge_original(facts.original[node].has_value(), is_original, file);
        });
    }

    static void remember(const Target&, const Facts&, Goal, Time, api::Status&) {}

    static void act(const Target& target, Tools& tools) {
        write(target, tools, [&](const std::string& original) {
            return config_of_new_oms(target, tools, original);
        });
    }

    static void undo(const Target& target, Tools& tools) {
        write(target, tools, [](const std::string& original) { return original; });
    }

    static std::vector<std::string> script(const Target& target) {
        if (!rewrites_config(target)) return {"# config.yaml stays as it is"};
        std::vector<std::string> lines{"cp config.yaml config.yaml.bak"};
        if (separates_cm(target)) {
            lines.emplace_back(
                "# and oms_cm_meta_*, drc_cm_db, drc_cm_heartbeat_db of the new place");
        }
        if (!target.splits_config()) return lines;
        for (const char* key : {"host", "password", "port", "user"}) {
            lines.push_back("sed -i 's/^\\(\"\\?\\)oms_meta_" + std::string(key) +
                            "\\(.*\\)$/\\1oms_cm_meta_" + key + "\\2\\n\\1oms_rm_meta_" + key +
                            "\\2/' config.yaml");
        }
        return lines;
    }

private:
    static Verdict judge_original(bool is_kept, bool is_original, const std::string& file) {
        if (is_original) return Done{};
        if (is_kept) return Due{file + " is not as it was"};
        return Stuck{"the original of " + file + " is gone from the backup"};
    }

    static Verdict judge_migrated(const Target& target,
                                  const Facts& facts,
                                  std::size_t node,
                                  bool is_original,
                                  const std::string& file) {
        const auto& original = facts.original[node];
        if (rewrites_config(target)) {
            if (!original) return Stuck{"the original of " + file + " is gone from the backup"};
            if (facts.live[node] == facts.rendered[node]) return Done{};
            if (is_original) return Due{file + " has the keys of the old version"};
        } else if (is_original) {
            return Done{};
        }
        return Stuck{file + " was edited while OMS was stopped"};
    }

    template <class Render>
    static void write(const Target& target, Tools& tools, const Render& render) {
        for_each_node(target, tools, [&](std::size_t node) {
            if (target.keeps_running(node)) return;
            const auto original = tools.backups().read(config_file_name(target, node));
            if (!original) {
                throw Terminal("the original config.yaml of " + target.spec.nodes[node].container +
                               " is gone from the backup; nothing was written");
            }
            tools.host(node).replace_file(target.spec.nodes[node].container,
                                          kConfigPath,
                                          render(*original),
                                          ".before-" + to_string(target.to));
        });
    }
};
static_assert(UpgradePhase<MigrateConfig>);

}  // namespace oms::upgrade
