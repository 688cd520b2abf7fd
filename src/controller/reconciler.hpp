#pragma once

#include "controller/claims.hpp"
#include "controller/gate.hpp"
#include "controller/scope.hpp"
#include "controller/store.hpp"
#include "upgrade/intake.hpp"
#include "upgrade/runner.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace oms::controller {

class Turn;

/// What the reconciler is given. The functions are called from whatever thread reconciles.
struct Means {
    Store& store;
    std::span<const upgrade::Phase> plan;
    std::function<std::unique_ptr<upgrade::Outside>(const api::OmsUpgrade&)> open_outside;
    Now now;

    /// Told of every status that was made durable, with the one before it.
    std::function<void(const api::OmsUpgrade&, const api::Status& before)> on_record =
        [](const api::OmsUpgrade&, const api::Status&) {};
    std::function<void(const api::Key&, const Progress&)> on_progress = [](const api::Key&,
                                                                           const Progress&) {};
    /// Told of those who waited for an OMS that is free now.
    std::function<void(const std::vector<api::Key>&)> on_free = [](const std::vector<api::Key>&) {};
    Scope scope{};
};

/// What is to be done about a key.
enum class Next {
    Step,  // a step of its run can be taken
    Rest,  // nothing until it changes
};

/// How a stretch of steps ended.
struct Stretch {
    std::optional<std::chrono::milliseconds> again;  // empty: not before the resource changes
    bool recorded = false;                           // something new was made durable
    bool untouched = false;                          // OMS itself, by this run, so far
};

/// One OMSUpgrade, from its key to a status patch.
///
/// It is told which one to look at and never what happened to it, so a lost, late or doubled event
/// makes no difference. It comes in two halves: a glance reads the resource, begins its run and
/// records that, and reaches nothing but the store; a stretch takes steps of the run, and may take
/// hours. Both may be called from any thread, but of one key only one stretch at a time. They
/// throw what the store throws.
class Reconciler {
public:
    explicit Reconciler(Means);

    /// Of a key with a stretch under way, a glance changes nothing: it stops the push if the
    /// resource now demands that (deleted, rollback, another operator's), and has the stretch look
    /// again.
    ///
    /// `told`: the resource as it came a moment ago, if it had no status then; else it is read.
    Next glance(const api::Key&, std::optional<api::OmsUpgrade> told = {});

    /// Takes steps until the run has ended, or the next step is a second or more away. Asked to
    /// stop, it returns at the next safe point, which is within seconds.
    Stretch stretch(const api::Key&, std::stop_token);

    /// Takes note of a resource that was found in the store. Everything found is to be noted
    /// before the first glance: then a run in flight has its OMS, whoever is looked at first.
    void note(const api::OmsUpgrade&);

    /// Notes that there is no such resource any more.
    void forget(const api::Key&);

private:
    static constexpr std::size_t kCallsOfStretchesMax = 4;

    struct TakenIn {
        Next next = Next::Rest;
        std::optional<api::OmsUpgrade> resource;
        bool recorded = false;
        bool to_hand_over = false;
    };

    TakenIn take_in(const api::Key&, std::optional<api::OmsUpgrade> told = {});
    bool is_ours(TakenIn&);
    void hand_over(TakenIn&);
    void remember(const api::OmsUpgrade& begun);
    std::optional<api::OmsUpgrade> just_begun(const api::Key&);
    upgrade::Intake ask_intake(const api::OmsUpgrade&);
    void hang(TakenIn&, const upgrade::Hang&);
    void record_if_new(TakenIn&, const api::Status&);
    void hold(api::OmsUpgrade&);
    void let_go(api::OmsUpgrade&);
    bool glance_at_turn(const api::Key&);
    Stretch take_steps(const api::Key&, Turn&);
    /// One of them. False: there is nothing to do for now.
    bool go_on(const api::Key&, Turn&, Stretch& end);
    upgrade::StepEnd take_step(Turn&, const TakenIn&, const std::stop_token&, bool& recorded);

    Means means_;
    upgrade::Runner runner_;
    Claims claims_;
    /// What all stretches together may ask of the store at once. There may be many more of them
    /// than an API server answers, and a glance must not queue behind them.
    Gate calls_of_stretches_{kCallsOfStretchesMax};

    std::mutex mutex_;
    std::map<api::Key, Turn*> turns_;                // stretches under way
    std::map<api::Key, upgrade::PushError> errors_;  // told to the next stretch
    /// Runs that a glance has just begun, as it left them, until their first stretch takes them up.
    /// A few: the others are read.
    std::map<api::Key, api::OmsUpgrade> begun_;
};

}  // namespace oms::controller
