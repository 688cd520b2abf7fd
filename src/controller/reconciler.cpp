#include "controller/reconciler.hpp"

#include "api/validate.hpp"
#include "base/log.hpp"
#include "base/overloaded.hpp"
#include "controller/turn.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

namespace oms::controller {
namespace {

using namespace std::chrono_literals;

/// A step that is this far away is waited for in the queue, where waiting costs no thread.
constexpr auto kFarAway = 1000ms;

/// Runs that were begun and wait for their first step. Beyond this many they are read again.
constexpr std::size_t kBegunMax = 64;

/// How often a step is begun anew because somebody else keeps writing the resource.
constexpr int kConflictsMax = 20;

bool is_about(const api::Problem& problem, std::string_view part) {
    return problem.path.rfind(part, 0) == 0;
}

/// An upgrade that is half understood is not carried out.
void refuse_half_understood(const api::OmsUpgrade& resource) {
    for (const auto& problem : resource.problems) {
        const bool matters = is_about(problem, "status.run") ||
                             (is_about(problem, "spec") && upgrade::in_flight(resource.status));
        if (matters) {
            throw Terminal("the upgrade " + resource.key.space + "/" + resource.key.name +
                           " was stored by another version of this operator, or by hand, and " +
                           api::to_string(problem) +
                           "; run the version that wrote it. Nothing was done");
        }
    }
}

std::optional<std::string> problem_of(const api::OmsUpgrade& resource) {
    std::vector<api::Problem> problems = api::validate(resource.spec);
    for (const auto& problem : resource.problems)
        if (is_about(problem, "spec")) problems.push_back(problem);
    std::string text;
    for (const auto& problem : problems)
        text += (text.empty() ? "" : "; ") + api::to_string(problem);
    if (text.empty()) return std::nullopt;
    return text;
}

std::vector<std::string> names_of(const api::OmsUpgrade& resource) {
    const bool pinned = upgrade::in_flight(resource.status);
    return upgrade::oms_names(pinned ? resource.status.run->spec : resource.spec);
}

bool is_held(const api::OmsUpgrade& resource) {
    return std::find(resource.finalizers.begin(), resource.finalizers.end(), api::kFinalizer) !=
           resource.finalizers.end();
}

/// An unknown phase counts as one that touches OMS.
bool touches_oms(std::span<const upgrade::Phase> plan, const api::Status& status) {
    const auto phase = std::find_if(plan.begin(), plan.end(), [&](const upgrade::Phase& one) {
        return one.name == status.run->cursor.phase;
    });
    return phase == plan.end() || phase->touches_oms;
}

bool is_untouched(std::span<const upgrade::Phase> plan, const api::Status& status) {
    return status.run->cursor.goal == api::Goal::Applied && !touches_oms(plan, status);
}

/// Writes to the store, against the resource as the step saw it.
class StatusPatch final : public upgrade::Journal {
public:
    StatusPatch(const Means& means, const api::OmsUpgrade& seen, Gate& calls)
        : means_(means), seen_(seen), calls_(calls) {}

    void record(const api::Status& status) override {
        const api::Status before = seen_.status;
        {
            const Gate::Pass pass(calls_);
            means_.store.patch_status(seen_, status);
        }
        recorded_ = true;
        means_.on_record(seen_, before);
    }

    bool recorded() const { return recorded_; }

private:
    const Means& means_;
    api::OmsUpgrade seen_;
    Gate& calls_;
    bool recorded_ = false;
};

}  // namespace

Reconciler::Reconciler(Means means) : means_(std::move(means)), runner_(means_.plan) {}

Next Reconciler::glance(const api::Key& key, std::optional<api::OmsUpgrade> told) {
    if (glance_at_turn(key)) return Next::Step;
    just_begun(key);
    const TakenIn taken = take_in(key, std::move(told));
    if (taken.next == Next::Step && taken.recorded) remember(*taken.resource);
    return taken.next;
}

void Reconciler::remember(const api::OmsUpgrade& begun) {
    const std::lock_guard guard(mutex_);
    if (begun_.size() < kBegunMax) begun_.insert_or_assign(begun.key, begun);
}

std::optional<api::OmsUpgrade> Reconciler::just_begun(const api::Key& key) {
    const std::lock_guard guard(mutex_);
    auto found = begun_.extract(key);
    if (!found) return std::nullopt;
    return std::move(found.mapped());
}

bool Reconciler::glance_at_turn(const api::Key& key) {
    {
        const std::lock_guard guard(mutex_);
        if (!turns_.contains(key)) return false;
    }
    const auto resource = means_.store.find(key);
    const bool interrupt =
        !resource || upgrade::interrupts(*resource) || !means_.scope.covers(*resource);
    const std::lock_guard guard(mutex_);
    const auto turn = turns_.find(key);
    if (turn != turns_.end()) turn->second->look_again(interrupt);
    return true;
}

Stretch Reconciler::stretch(const api::Key& key, std::stop_token stop) {
    Turn turn(std::move(stop));
    {
        const std::lock_guard guard(mutex_);
        turns_[key] = &turn;
        if (auto known = errors_.extract(key)) turn.error = std::move(known.mapped());
    }
    struct Leave {
        Reconciler& self;
        const api::Key& key;
        Turn& turn;
        ~Leave() {
            const std::lock_guard guard(self.mutex_);
            self.turns_.erase(key);
            if (turn.error) self.errors_[key] = std::move(*turn.error);
        }
    };
    const Leave leave{*this, key, turn};
    return take_steps(key, turn);
}

Stretch Reconciler::take_steps(const api::Key& key, Turn& turn) {
    Stretch end;
    int conflicts = 0;
    while (!turn.is_stopped()) {
        try {
            if (!go_on(key, turn, end)) return end;
            conflicts = 0;
        } catch (const Conflict&) {
            if (++conflicts == kConflictsMax) throw;
        } catch (const Stopped&) {
            // Nothing is wrong: what is read next says what is wanted instead.
            turn.error.reset();
        }
    }
    return end;
}

bool Reconciler::go_on(const api::Key& key, Turn& turn, Stretch& end) {
    const std::stop_token stop = turn.begin_step();
    const TakenIn taken = [&] {
        const Gate::Pass pass(calls_of_stretches_);
        TakenIn found = take_in(key, just_begun(key));
        if (found.to_hand_over) hand_over(found);
        return found;
    }();
    end.recorded |= taken.recorded;
    if (taken.next == Next::Rest) {
        turn.error.reset();
        return false;
    }
    const auto step = take_step(turn, taken, stop, end.recorded);
    // The end of a run, or of what can be done without a person, is for take_in to see.
    if (!step.again) return step.status.run->outcome.has_value();
    if (*step.again >= kFarAway) {
        end.again = step.again;
        end.untouched = is_untouched(means_.plan, step.status);
        return false;
    }
    if (*step.again > 0ms) turn.wait(*step.again);
    return true;
}

upgrade::StepEnd Reconciler::take_step(Turn& turn,
                                       const TakenIn& taken,
                                       const std::stop_token& stop,
                                       bool& recorded) {
    api::OmsUpgrade resource = *taken.resource;
    {
        const Gate::Pass pass(calls_of_stretches_);
        hold(resource);
    }
    if (!turn.outside || turn.outside_of != resource.status.run->id) {
        turn.outside = means_.open_outside(resource);
        turn.outside_of = resource.status.run->id;
    }
    upgrade::Tools tools(
        *turn.outside,
        means_.now,
        [this, key = resource.key](const Progress& progress) { means_.on_progress(key, progress); },
        stop);
    StatusPatch journal(means_, resource, calls_of_stretches_);
    auto end = runner_.step(resource, tools, journal, turn.error);
    recorded |= journal.recorded();
    turn.error = end.error;
    // Whatever failed may have left a connection half used; and nodes may have been discovered.
    if (end.error || end.status.run->spec != resource.status.run->spec) turn.outside.reset();
    return end;
}

Reconciler::TakenIn Reconciler::take_in(const api::Key& key, std::optional<api::OmsUpgrade> told) {
    TakenIn taken{.next = Next::Rest,
                  .resource = told ? std::move(told) : means_.store.find(key),
                  .recorded = false};
    if (!taken.resource) {
        forget(key);
        return taken;
    }
    if (!is_ours(taken)) return taken;
    refuse_half_understood(*taken.resource);
    const upgrade::Intake intake = ask_intake(*taken.resource);
    std::visit(Overloaded{
                   [&](const upgrade::Admit& admit) {
                       api::Status status = admit.status;
                       // Where it is somebody's, it is ours: is_ours has seen to that.
                       if (!means_.scope.name.empty()) status.run->held_by = means_.scope.name;
                       record_if_new(taken, status);
                       taken.next = Next::Step;
                   },
                   [&](const upgrade::Hang& wait) { hang(taken, wait); },
                   [&](const upgrade::LetGo&) {
                       let_go(*taken.resource);
                       forget(key);
                   },
               },
               intake);
    return taken;
}

/// False: nothing is to be done about it here, or nothing but to hand it over.
bool Reconciler::is_ours(TakenIn& taken) {
    const api::OmsUpgrade& resource = *taken.resource;
    const Side side = side_of(resource, means_.scope);
    // Of what is in hand only the one who takes its steps knows that none is under way.
    taken.to_hand_over = side == Side::ToHandOver;
    if (taken.to_hand_over) taken.next = Next::Step;
    if (side == Side::Anothers) {
        // Its OMS is not free while another operator is about to let go of it to us.
        if (upgrade::in_flight(resource.status) && means_.scope.covers(resource)) {
            claims_.note(resource.key, names_of(resource));
        } else {
            forget(resource.key);
        }
    }
    if (side == Side::ToTakeUp) {
        api::Status status = resource.status;
        status.run->held_by = means_.scope.name;
        record_if_new(taken, status);
    }
    return side == Side::Ours || side == Side::ToTakeUp;
}

void Reconciler::hand_over(TakenIn& taken) {
    api::Status status = taken.resource->status;
    status.run->held_by.clear();
    record_if_new(taken, status);
    forget(taken.resource->key);
    taken.next = Next::Rest;
    log::info("handed over to the operator that its labels choose",
              {{"upgrade", taken.resource->key.space + "/" + taken.resource->key.name}});
}

upgrade::Intake Reconciler::ask_intake(const api::OmsUpgrade& resource) {
    const auto names = names_of(resource);
    const auto ask = [&](const std::optional<api::Key>& other) {
        return upgrade::take_in(resource, problem_of(resource), other, means_.plan, means_.now());
    };
    if (upgrade::in_flight(resource.status)) {
        // The nodes that it has discovered since may be somebody else's.
        if (is_untouched(means_.plan, resource.status))
            return ask(claims_.claim(resource.key, names));
        claims_.note(resource.key, names);
        return ask(std::nullopt);
    }
    auto intake = ask(claims_.holder(resource.key, names));
    if (!std::holds_alternative<upgrade::Admit>(intake)) return intake;
    const auto other = claims_.claim(resource.key, names);
    if (!other) return intake;
    intake = ask(other);
    if (!std::holds_alternative<upgrade::Admit>(intake)) return intake;
    // A run that has ended is to go back, while another one is in flight on the same OMS.
    return upgrade::Hang{.status = resource.status, .look_again = true};
}

void Reconciler::hang(TakenIn& taken, const upgrade::Hang& wait) {
    record_if_new(taken, wait.status);
    if (upgrade::in_flight(wait.status)) return;
    api::OmsUpgrade& resource = *taken.resource;
    let_go(resource);
    const auto names = names_of(resource);
    const auto next = claims_.release(resource.key);
    if (!next.empty()) means_.on_free(next);
    if (wait.look_again && !claims_.wait(resource.key, names)) means_.on_free({resource.key});
}

void Reconciler::record_if_new(TakenIn& taken, const api::Status& status) {
    if (status == taken.resource->status) return;
    const api::Status before = taken.resource->status;
    means_.store.patch_status(*taken.resource, status);
    taken.recorded = true;
    means_.on_record(*taken.resource, before);
}

/// From the first phase that touches OMS on, deleting the resource must not lose what is known
/// of the way back. (While it is being deleted, no finalizer may be added: then it is there.)
void Reconciler::hold(api::OmsUpgrade& resource) {
    if (resource.deleting || is_held(resource)) return;
    if (!touches_oms(means_.plan, resource.status)) return;
    means_.store.set_finalizer(resource, true);
}

void Reconciler::let_go(api::OmsUpgrade& resource) {
    if (is_held(resource)) means_.store.set_finalizer(resource, false);
}

void Reconciler::note(const api::OmsUpgrade& resource) {
    if (upgrade::in_flight(resource.status)) claims_.note(resource.key, names_of(resource));
}

void Reconciler::forget(const api::Key& key) {
    {
        const std::lock_guard guard(mutex_);
        errors_.erase(key);
    }
    const auto next = claims_.release(key);
    if (!next.empty()) means_.on_free(next);
}

}  // namespace oms::controller
