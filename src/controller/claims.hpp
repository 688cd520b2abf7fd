#pragma once

#include "api/oms_upgrade.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace oms::controller {

/// Which upgrade works on which OMS, so that two never work on one. Holds a few bytes for each run
/// in flight, and nothing for all the others.
class Claims {
public:
    /// Who else holds an OMS of one of these names (upgrade::oms_names).
    std::optional<api::Key> holder(const api::Key& asking, const std::vector<std::string>& names);

    /// Takes all of the names, unless somebody else holds one of them: then it says who.
    std::optional<api::Key> claim(const api::Key&, const std::vector<std::string>& names);

    /// Takes the names whoever holds them: a run in flight was found, and that is a fact.
    void note(const api::Key&, const std::vector<std::string>& names);

    /// Gives back what the key holds, and says who waits for its turn.
    std::vector<api::Key> release(const api::Key&);

    /// Puts the key among those who wait for a turn. False when nobody is in its way any more: then
    /// nobody would call it either.
    bool wait(const api::Key&, const std::vector<std::string>& names);

private:
    using Names = std::vector<std::uint64_t>;  // hashes: names of unix sockets are long

    std::optional<api::Key> holder_of(const api::Key& asking, const Names&) const;
    void drop(const api::Key&);

    std::mutex mutex_;
    std::map<api::Key, Names> held_;
    std::map<std::uint64_t, api::Key> holders_;
    std::set<api::Key> waiting_;
};

}  // namespace oms::controller
