#pragma once

#include "api/oms_upgrade.hpp"
#include "fakes/world.hpp"
#include "upgrade/runner.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <vector>

namespace oms::fakes {

/// The smallest manifest, for the world of world.hpp.
api::OmsUpgrade smallest_upgrade();

/// An upgrade in a World from its first step to its end, by a controller that is started again
/// whenever it dies. What is recorded goes through JSON, as on the way to an API server and back.
class Voyage {
public:
    /// What thousands of voyages decide is not told.
    Voyage();

    World world;
    api::OmsUpgrade resource = smallest_upgrade();

    /// Gives the world four nodes, and the manifest too.
    void become_large();

    /// The same with one node in the manifest, and a pattern for the others.
    void become_large_by_discovery();

    /// Gives the world a management and a component node, and the manifest too; with tasks that are
    /// kept running or without.
    void become_separated(bool keep_tasks_running);

    /// From now on the hosts of the resource's pinned spec are reached, and no others.
    void reach(const api::OmsUpgrade&);

    /// Called after each status that is written, as another client would change the resource.
    std::function<void(api::OmsUpgrade&, int writes)> meanwhile = [](auto&, int) {};

    /// Asks for a place of its own for cm, with all that this takes.
    void separate_cm();

    std::vector<api::Status> history;  // every status that was written
    int restarts = 0;
    bool let_go = false;

    /// Reads what it wrote only where it begins again. For the thousands of voyages of a journey
    /// that was made once without haste.
    bool in_haste = false;

    /// Takes steps until nothing is left to do. Fails the test after far too many.
    void run_to_the_end();

    /// Takes steps for that time of the world, or until nothing is left to do.
    void run_for(std::chrono::seconds);

    const std::optional<api::Outcome>& outcome() const { return resource.status.run->outcome; }

private:
    /// One step, by an operator that is started again where it dies. False: nothing is left to do.
    bool go_on(std::optional<upgrade::PushError>& last);
    bool step(std::optional<upgrade::PushError>& last);
    void record(const api::Status&);
    void read_back();
};

}  // namespace oms::fakes
