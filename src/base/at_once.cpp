#include "base/at_once.hpp"

#include <exception>
#include <thread>

namespace oms {

void at_once(const std::vector<std::function<void()>>& jobs) {
    if (jobs.size() == 1) return jobs.front()();
    std::vector<std::exception_ptr> failures(jobs.size());
    {
        std::vector<std::jthread> threads;
        threads.reserve(jobs.size());
        for (std::size_t i = 0; i < jobs.size(); ++i) {
            threads.emplace_back([&jobs, &failures, i] {
                try {
                    jobs[i]();
                } catch (const std::exception&) {
                    failures[i] = std::current_exception();
                }
            });
        }
    }
    for (const auto& failure : failures)
        if (failure) std::rethrow_exception(failure);
}

}  // namespace oms
