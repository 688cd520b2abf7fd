#pragma once

#include "base/clock.hpp"
#include "kube/timing.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace oms::kube {

/// The spec of a coordination.k8s.io/v1 Lease, as far as an election uses it.
struct LeaseRecord {
    std::string holder;  // empty: released
    std::int64_t duration_seconds = 0;
    std::string acquire_time;  // MicroTime, as it stands: only compared
    std::string renew_time;
    std::int64_t transitions = 0;

    bool operator==(const LeaseRecord&) const = default;
};

/// client-go's defaults.
struct ElectionTimes {
    std::chrono::milliseconds lease{15'000};
    std::chrono::milliseconds renew_deadline{10'000};
    std::chrono::milliseconds retry{2'000};
};

/// What is wrong with them, for a person; empty: nothing. The lease is whole seconds, as the Lease
/// holds it, and longer than the renew deadline, which is longer than the longest pause between two
/// tries, 1.2 times the retry period.
std::optional<std::string> problem_of(const ElectionTimes&);

/// Who leads, judged from what a Lease is seen to hold. No I/O. Whether another's lease has expired
/// is judged by how long *we* have seen it unchanged, never by the times written in it: clocks of
/// two machines differ.
///
/// A leader that hung does not know that it leads no more. So `leads` is asked again right before
/// whatever it does to the world (base/permit.hpp), and what an upgrade does is guarded by the
/// resourceVersion of its status as well, which is written first. It holds because a leader's
/// deadline counts from before its renewal was sent, another's patience from after it was seen, and
/// the one is the shorter.
class Election {
public:
    struct Create {
        LeaseRecord record;
    };
    struct Update {
        LeaseRecord record;
    };
    struct Stand {};  // another leads: look again after the retry period
    using Step = std::variant<Create, Update, Stand>;

    Election(std::string identity, ElectionTimes times);

    /// What to write after having read the lease; empty: there is none.
    Step decide(const std::optional<LeaseRecord>& seen, Instant now, Time wall);

    /// What a leader writes over its own record, unread; empty when the record is not ours.
    std::optional<LeaseRecord> renewal(Time wall) const;

    /// The lease was written as decided, at the instant `decide` was given.
    void on_written(const LeaseRecord& written, Instant at);

    /// We lead, and the lease was renewed less than the renew deadline ago.
    bool leads(Instant now) const;

    /// How long a leader may still try to renew.
    std::chrono::milliseconds left(Instant now) const;

    /// What to write to let the next one in at once.
    LeaseRecord released(Time wall) const;

    /// Somebody else's name in the lease; empty when it is nobody's or ours.
    const std::string& other_leader() const { return other_; }

private:
    std::string identity_;
    ElectionTimes times_;
    std::optional<LeaseRecord> seen_;
    Instant changed_at_{};  // when seen_ was last seen to change
    std::optional<Instant> renewed_at_;
    std::string other_;
};

}  // namespace oms::kube
