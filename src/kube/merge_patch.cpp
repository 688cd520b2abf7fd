#include "kube/merge_patch.hpp"

#include <nlohmann/json.hpp>

namespace oms::kube {

// The depth is that of our own status, not of anything a stranger sends.
// NOLINTNEXTLINE(misc-no-recursion)
nlohmann::json merge_patch(const nlohmann::json& from, const nlohmann::json& to) {
    auto patch = nlohmann::json::object();
    for (const auto& [key, value] : to.items()) {
        const auto before = from.find(key);
        const bool both = before != from.end() && before->is_object() && value.is_object();
        if (both) {
            if (auto inner = merge_patch(*before, value); !inner.empty())
                patch[key] = std::move(inner);
        } else if (before == from.end() || *before != value) {
            patch[key] = value;
        }
    }
    for (const auto& [key, value] : from.items())
        if (!to.contains(key)) patch[key] = nullptr;
    return patch;
}

}  // namespace oms::kube
