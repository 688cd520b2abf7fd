#pragma once

#include "upgrade/scripts.hpp"
#include "upgrade/target.hpp"
#include "upgrade/tools.hpp"
#include "upgrade/verdict.hpp"

#include <optional>
#include <string>
#include <vector>

// The upgrade assistant tool: how the components of a container that goes on running are upgraded,
// and how that container is put back (procedure, "The following procedure describes how to upgrade
// the component container").
namespace oms::upgrade {

/// The assistant image on a node.
struct AssistantImage {
    std::optional<runtime::Image> image;
    std::string host_architecture;
};

/// One a node; empty for nodes that need none.
using AssistantImages = std::vector<std::optional<AssistantImage>>;

AssistantImages look_at_assistant_images(const Tools&, const Target&);

/// Done when the image is there, with the id asked for and for the host's architecture.
Verdict judge_assistant_image(const Target&, std::size_t node, const AssistantImage&);

/// How far one node has come.
struct ComponentLook {
    std::size_t node = 0;
    std::optional<runtime::Container> container;  // under the name it always had
    std::optional<runtime::Container> aside;      // the touched one, once a rollback renamed it
    std::optional<runtime::Container> tool;
    ScriptsLook script;
    bool begun = false;                  // the script was, or may be, whatever became of it
    bool has_payload = false;            // the script is where it should be
    bool image_is_left = false;          // the assistant's, and nothing uses it
    std::optional<std::string> trouble;  // of the components, when they should be at work
};

ComponentLook look_at_component(const Tools&, const Target&, std::size_t node, Goal);

/// Done when the script has ended with 0, the components work, and nothing of the tool is left.
Verdict judge_upgraded(const Target&, const ComponentLook&);

/// Done when the container is one that no script has touched, and works.
Verdict judge_put_back(const Target&, const ComponentLook&);

/// The next step of the procedure.
void upgrade_component(Tools&, const Target&, std::size_t node);

/// The procedure has no way back. A touched container cannot be trusted, so a new one is made from
/// the old image with the old settings; the touched one stays beside it, stopped.
void put_component_back(Tools&, const Target&, std::size_t node);

/// What runs once inside of the container.
Scripts component_scripts(std::size_t node);

/// What a person types to upgrade it.
std::vector<std::string> component_lines(const Target&, std::size_t node);

/// Name of a touched container once it is set aside.
std::string aside_name(const Target&, std::size_t node);

}  // namespace oms::upgrade
