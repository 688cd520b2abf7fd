#include "kube/election.hpp"

#include <algorithm>
#include <utility>

namespace oms::kube {

std::optional<std::string> problem_of(const ElectionTimes& times) {
    using namespace std::chrono_literals;
    if (times.retry < 1ms) return "the retry period must be longer than nothing";
    if (times.renew_deadline * 5 <= times.retry * 6)
        return "the renew deadline must be longer than 1.2 times the retry period";
    if (times.lease <= times.renew_deadline)
        return "the lease duration must be longer than the renew deadline";
    if (times.lease % 1s != 0ms) return "the lease duration must be whole seconds";
    return std::nullopt;
}

Election::Election(std::string identity, ElectionTimes times)
    : identity_(std::move(identity)), times_(times) {}

Election::Step Election::decide(const std::optional<LeaseRecord>& seen, Instant now, Time wall) {
    if (seen != seen_) {
        seen_ = seen;
        changed_at_ = now;
    }
    LeaseRecord wanted;
    wanted.holder = identity_;
    wanted.duration_seconds =
        std::chrono::duration_cast<std::chrono::seconds>(times_.lease).count();
    wanted.acquire_time = wanted.renew_time = to_rfc3339(wall);
    other_.clear();
    if (!seen) return Create{wanted};

    if (seen->holder == identity_) {
        wanted.acquire_time = seen->acquire_time;
        wanted.transitions = seen->transitions;
        return Update{wanted};
    }
    const bool expired = now - changed_at_ > std::chrono::seconds(seen->duration_seconds);
    if (!seen->holder.empty() && !expired) {
        other_ = seen->holder;
        renewed_at_.reset();
        return Stand{};
    }
    wanted.transitions = seen->transitions + 1;
    return Update{wanted};
}

std::optional<LeaseRecord> Election::renewal(Time wall) const {
    if (!seen_ || seen_->holder != identity_) return std::nullopt;
    LeaseRecord record = *seen_;
    record.renew_time = to_rfc3339(wall);
    return record;
}

void Election::on_written(const LeaseRecord& written, Instant at) {
    seen_ = written;
    changed_at_ = at;
    renewed_at_ = at;
}

bool Election::leads(Instant now) const {
    return left(now).count() > 0;
}

std::chrono::milliseconds Election::left(Instant now) const {
    if (!renewed_at_) return std::chrono::milliseconds{0};
    const auto left = *renewed_at_ + times_.renew_deadline - now;
    return std::max(std::chrono::milliseconds{0},
                    std::chrono::duration_cast<std::chrono::milliseconds>(left));
}

LeaseRecord Election::released(Time wall) const {
    LeaseRecord record;
    record.duration_seconds = 1;
    record.acquire_time = record.renew_time = to_rfc3339(wall);
    record.transitions = seen_ ? seen_->transitions : 0;
    return record;
}

}  // namespace oms::kube
