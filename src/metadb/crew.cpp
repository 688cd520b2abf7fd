#include "metadb/crew.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

namespace oms::metadb {

Crew::Crew(const Access& access, unsigned size, std::stop_token stop)
    : on_outer_stop_(std::move(stop), [this] { stop_.request_stop(); }) {
    for (unsigned i = 0; i < std::max(size, 1U); ++i)
        sessions_.push_back(std::make_unique<Session>(access, Purpose::Copy, stop_.get_token()));
}

void Crew::share(std::size_t count, const std::function<void(Session&, std::size_t)>& work) {
    std::atomic<std::size_t> next{0};
    run([&](Session& session, std::size_t) {
        for (std::size_t i = next++; i < count; i = next++) {
            if (stop_.stop_requested()) throw Stopped{};
            work(session, i);
        }
    });
}

void Crew::run(const std::function<void(Session&, std::size_t)>& work) {
    std::mutex mutex;
    std::exception_ptr first;
    const auto guarded = [&](std::size_t i) {
        try {
            work(*sessions_[i], i);
        } catch (const std::exception&) {
            {
                const std::lock_guard lock(mutex);
                if (!first) first = std::current_exception();
            }
            stop_.request_stop();
        }
    };
    {
        std::vector<std::jthread> threads;
        threads.reserve(sessions_.size());
        for (std::size_t i = 0; i < sessions_.size(); ++i)
            threads.emplace_back([&guarded, i] { guarded(i); });
    }
    if (first) std::rethrow_exception(first);
}

}  // namespace oms::metadb
