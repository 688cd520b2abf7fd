#pragma once

#include "base/error.hpp"

#include <functional>
#include <string>
#include <utility>

namespace oms::fakes {

/// Thrown where a real process would die. Not a std::exception, so nothing in
/// the product can catch it by accident.
struct Crash {};

/// What goes wrong with one effect.
enum class Mishap {
    CrashBefore,   // the process dies, nothing happened
    CrashHalfway,  // the process dies while it happens, where it can be half done
    CrashAfter,    // it happened, and the process dies
    Fails,         // it did not happen, and may be tried again
    AnswerLost,    // it happened, and the caller is told that it failed
    Refused,       // it did not happen, and never will
    Slow,          // it happened, and took ten seconds
};

/// Lets the n-th effect on a world go wrong.
class Fuse {
public:
    int calls_left = -1;  // negative: never burns
    Mishap mishap = Mishap::CrashBefore;
    bool burnt = false;
    std::string where;                // the effect it burnt on
    std::function<void()> time_goes;  // for Slow

    /// Carries an effect out. `half`: what is there when it is interrupted.
    void guard(
        const std::string& name,
        const std::function<void()>& effect,
        const std::function<void()>& half = [] {}) {
        if (calls_left-- != 0) return effect();
        burnt = true;
        where = name;
        switch (mishap) {
            case Mishap::CrashBefore:
                throw Crash{};
            case Mishap::CrashHalfway:
                half();
                throw Crash{};
            case Mishap::CrashAfter:
                effect();
                throw Crash{};
            case Mishap::Fails:
                throw Transient(name + ": connection refused");
            case Mishap::AnswerLost:
                effect();
                throw Transient(name + ": connection reset before an answer came");
            case Mishap::Refused:
                throw Terminal(name + ": refused");
            case Mishap::Slow:
                effect();
                time_goes();
        }
    }
};

}  // namespace oms::fakes
