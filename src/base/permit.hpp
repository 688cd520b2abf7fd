#pragma once

#include "base/error.hpp"

#include <functional>
#include <utility>

namespace oms {

/// Whether this process may change the world outside of it. Of two operators one may; it may not
/// any more once the other might have taken over, which a process that was stopped for a while
/// (SIGSTOP, a frozen virtual machine, a machine that swaps) or was cut off learns of last.
///
/// It is asked for right before each call that changes something: a request to a Docker daemon that
/// is no GET, a SQL statement, a piece of a file of the backup, a write to the API server. What no
/// client can close is the way from the question to the last byte that is sent. A process that is
/// stopped exactly there sends that one call when it goes on, and no other. So whoever takes over
/// - finds the world as after a crash, at the worst one call later than it looked. Every push is
///   judged from the world and may be repeated, so a call that comes between changes nothing that
///   is not looked at again, but for one that comes after the end of the upgrade;
/// - ends the SQL sessions of an earlier restore before it drops a database (metadb/leftovers.hpp):
///   a statement that is under way in the server, or was sent in part, ends with its session;
/// - writes its dump to a file of its own, whatever is still written to another's
///   (metadb/dump_file.hpp).
class Permit {
public:
    /// For ever: there is no other operator.
    Permit() = default;

    /// `holds` is called by any thread, and often.
    explicit Permit(std::function<bool()> holds) : holds_(std::move(holds)) {}

    /// Throws Stopped when it does not hold: nobody may count that as a failure, or try again.
    void demand() const {
        if (holds_ && !holds_()) throw Stopped{};
    }

private:
    std::function<bool()> holds_;
};

}  // namespace oms
