#pragma once

#include "oms/names.hpp"
#include "upgrade/assistant.hpp"
#include "upgrade/init_script.hpp"
#include "upgrade/nodes.hpp"
#include "upgrade/phase.hpp"

#include <optional>

namespace oms::upgrade {

/// Bring the new image to every node (procedure, "docker load -i"), while the old OMS still runs.
///
///   Done when  every node has the image under its reference, with the id asked for, and it holds
///              OMS's upgrade script; and every node whose components are upgraded while they run
///              has the assistant image, of its own architecture.
///   Undone     always: an image harms nobody.
///   Why here   loading takes minutes and needs no downtime.
struct LoadImage {
    static constexpr std::string_view kName = "LoadImage";
    static constexpr std::string_view kMilestone = "ImageLoaded";
    static constexpr std::chrono::seconds kDeadline{3600};
    static constexpr std::chrono::milliseconds kLookAgain{1000};
    static constexpr int kPushesMax = 3;
    static constexpr bool kTouchesOms = false;

    struct Facts {
        std::vector<std::optional<runtime::Image>> images;  // one a node
        std::vector<bool> is_oms;
        std::vector<std::string> architectures;  // of the hosts
        AssistantImages assistants;
    };

    static Facts observe(const Target& target, const Tools& tools, Goal goal) {
        Facts facts;
        if (goal == Goal::Reverted) return facts;
        const std::string& reference = target.spec.image.reference;
        struct Found {
            std::optional<runtime::Image> image;
            std::optional<bool> is_oms;
            std::string architecture;
        };
        const auto found = look_at_nodes(target, tools, [&](std::size_t node) -> Found {
            const runtime::Host& host = tools.host(node);
            Found look{.image = host.find_image(reference)};
            look.is_oms = host.image_holds(reference, metadata_script(target, node).said);
            look.architecture = host.info().architecture;
            return look;
        });
        for (const auto& one : found) {
            facts.images.push_back(one.image);
            facts.is_oms.push_back(one.is_oms.value_or(false));
            facts.architectures.push_back(one.architecture);
        }
        facts.assistants = look_at_assistant_images(tools, target);
        return facts;
    }

    static Verdict judge(const Target& target, const Facts& facts, Goal goal) {
        if (goal == Goal::Reverted) return Done{};
        Verdict oms = judge_oms(target, facts);
        if (!std::holds_alternative<Done>(oms)) return oms;
        return judge_nodes(facts.assistants.size(), [&](std::size_t node) -> Verdict {
            const auto& assistant = facts.assistants[node];
            return assistant ? judge_assistant_image(target, node, *assistant) : Done{};
        });
    }

    static void remember(const Target&, const Facts&, Goal, Time, api::Status&) {}

    static void act(const Target& target, Tools& tools) {
        for_each_node(target, tools, [&](std::size_t node) {
            bring_image(tools, node, target.spec.image);
            if (target.keeps_running(node)) bring_image(tools, node, *target.spec.assistant_image);
        });
    }

    static void undo(const Target&, Tools&) {}

    static std::vector<std::string> script(const Target& target) {
        const api::ImageSpec& image = target.spec.image;
        std::vector<std::string> lines;
        for (std::size_t node = 0; node < target.spec.nodes.size(); ++node) {
            lines.push_back(target.docker(node) + (image.archive ? " load -i " + *image.archive
                                                                 : " pull " + image.reference));
            lines.push_back(target.docker(node) + " images --no-trunc " + image.reference);
            if (!target.keeps_running(node)) continue;
            const api::AssistantImageSpec& tool = *target.spec.assistant_image;
            lines.push_back(target.docker(node) + (tool.archive ? " load -i " + *tool.archive
                                                                : " pull " + tool.reference));
        }
        return lines;
    }

private:
    static Verdict judge_oms(const Target& target, const Facts& facts) {
        const api::ImageSpec& wanted = target.spec.image;
        return judge_nodes(facts.images.size(), [&](std::size_t node) -> Verdict {
            const auto& image = facts.images[node];
            const std::string name = target.said(wanted.reference, node);
            if (!image) return Due{"the image " + name + " is not there"};
            if (wanted.id && image->id != *wanted.id) {
                return Due{"the image " + name + " has the id " + image->id +
                           ", and spec.image.id asks for " + *wanted.id};
            }
            const auto& first = facts.images.front();
            if (!wanted.id && first && image->id != first->id) {
                return Stuck{"the image " + name + " has the id " + image->id +
                             ", on the first node it has " + first->id +
                             "; all nodes of one OMS run one image"};
            }
            if (!facts.is_oms[node]) {
                return Stuck{"the image " + name + " holds no " +
                             metadata_script(target, node).said + "; it is not an OMS image"};
            }
            const std::string& host = facts.architectures[node];
            if (image->architecture.empty() || image->architecture == host) return Done{};
            return Stuck{"the image " + name + " is for " + image->architecture +
                         ", and the host is " + host + "; use the installation package for " +
                         host};
        });
    }
};
static_assert(UpgradePhase<LoadImage>);

}  // namespace oms::upgrade
