#pragma once

#include "metadb/session.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

namespace oms::metadb {

/// Several sessions with one server, and the threads that use them.
///
/// What the first of them throws ends the others at once and is thrown to the caller.
class Crew {
public:
    Crew(const Access&, unsigned size, std::stop_token);

    std::vector<std::unique_ptr<Session>>& sessions() { return sessions_; }

    /// Of the crew: set by the caller's token and by the first failure.
    std::stop_token stop_token() const { return stop_.get_token(); }

    /// Runs work(session, 0 … count-1), each once, in this order as far as there is one.
    void share(std::size_t count, const std::function<void(Session&, std::size_t)>& work);

    /// Runs work(session, its number) on every session, each on a thread, until all have returned.
    void run(const std::function<void(Session&, std::size_t)>& work);

private:
    std::stop_source stop_;
    std::stop_callback<std::function<void()>> on_outer_stop_;
    std::vector<std::unique_ptr<Session>> sessions_;
};

}  // namespace oms::metadb
