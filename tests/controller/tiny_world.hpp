#pragma once

#include "api/oms_upgrade.hpp"
#include "upgrade/phase.hpp"

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>

namespace oms::controller {

/// A world of switches: each OMS (by its container's name) is a set of phases that are applied. The
/// tests of this room are about who is looked at when, not about upgrades.
class TinyWorld {
public:
    /// A new world, which the plan below is about until the next one is made.
    TinyWorld();
    ~TinyWorld();
    TinyWorld(const TinyWorld&) = delete;
    TinyWorld& operator=(const TinyWorld&) = delete;

    /// From now on every push on this OMS lasts until it is told to stop.
    void block(const std::string& container);
    /// Waits until a push on it is under way; false after a minute.
    bool wait_for_push(const std::string& container);
    /// No look at this OMS succeeds.
    void hide(const std::string& container);

    std::set<std::string> applied(const std::string& container) const;
    int pushes(const std::string& container) const;
    int opened() const;

    // Of the phases.
    bool is_applied(const std::string& container, const std::string& phase) const;
    void push(const std::string& container, const std::string& phase, bool on, std::stop_token);
    std::unique_ptr<upgrade::Outside> open();

private:
    mutable std::mutex mutex_;
    mutable std::condition_variable_any changed_;
    std::map<std::string, std::set<std::string>> applied_;
    std::map<std::string, int> pushes_;
    std::set<std::string> blocked_;
    std::set<std::string> blocking_;
    std::set<std::string> hidden_;
    int opened_ = 0;
};

/// Look (touches nothing), Open, Close.
std::span<const upgrade::Phase> tiny_plan();

api::OmsUpgrade tiny_upgrade(const std::string& name, const std::string& container);

}  // namespace oms::controller
