#include "controller/arrivals.hpp"

#include <utility>

namespace oms::controller {

void Arrivals::put(const api::Key& key, std::string_view object) {
    const std::lock_guard guard(mutex_);
    take_locked(key);
    if (object.empty() || object.size() > kBytesMax - bytes_) return;
    objects_.emplace(key, object);
    bytes_ += object.size();
}

std::optional<std::string> Arrivals::take(const api::Key& key) {
    const std::lock_guard guard(mutex_);
    return take_locked(key);
}

std::optional<std::string> Arrivals::take_locked(const api::Key& key) {
    auto found = objects_.extract(key);
    if (!found) return std::nullopt;
    bytes_ -= found.mapped().size();
    return std::move(found.mapped());
}

}  // namespace oms::controller
