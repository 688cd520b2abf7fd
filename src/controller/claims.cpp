#include "controller/claims.hpp"

#include <functional>

namespace oms::controller {
namespace {

std::vector<std::uint64_t> hashes(const std::vector<std::string>& names) {
    std::vector<std::uint64_t> all;
    all.reserve(names.size());
    for (const auto& name : names) all.push_back(std::hash<std::string>{}(name));
    return all;
}

}  // namespace

std::optional<api::Key> Claims::holder_of(const api::Key& asking, const Names& names) const {
    for (const auto name : names) {
        const auto held = holders_.find(name);
        if (held != holders_.end() && held->second != asking) return held->second;
    }
    return std::nullopt;
}

std::optional<api::Key> Claims::holder(const api::Key& asking,
                                       const std::vector<std::string>& names) {
    const std::lock_guard guard(mutex_);
    return holder_of(asking, hashes(names));
}

std::optional<api::Key> Claims::claim(const api::Key& key, const std::vector<std::string>& names) {
    const Names all = hashes(names);
    const std::lock_guard guard(mutex_);
    if (auto other = holder_of(key, all)) return other;
    drop(key);
    for (const auto name : all) holders_[name] = key;
    held_[key] = all;
    waiting_.erase(key);
    return std::nullopt;
}

void Claims::note(const api::Key& key, const std::vector<std::string>& names) {
    const Names all = hashes(names);
    const std::lock_guard guard(mutex_);
    drop(key);
    for (const auto name : all) holders_.try_emplace(name, key);
    held_[key] = all;
}

std::vector<api::Key> Claims::release(const api::Key& key) {
    const std::lock_guard guard(mutex_);
    waiting_.erase(key);
    if (!held_.contains(key)) return {};
    drop(key);
    return {waiting_.begin(), waiting_.end()};
}

bool Claims::wait(const api::Key& key, const std::vector<std::string>& names) {
    const Names all = hashes(names);
    const std::lock_guard guard(mutex_);
    if (!holder_of(key, all)) return false;
    waiting_.insert(key);
    return true;
}

void Claims::drop(const api::Key& key) {
    const auto held = held_.find(key);
    if (held == held_.end()) return;
    for (const auto name : held->second) {
        const auto holder = holders_.find(name);
        if (holder != holders_.end() && holder->second == key) holders_.erase(holder);
    }
    held_.erase(held);
}

}  // namespace oms::controller
