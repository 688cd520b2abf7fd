#include "signals.hpp"

#include "exit_codes.hpp"

#include <csignal>
#include <unistd.h>

namespace oms::app {
namespace {

// Wakes the thread when the process ends by itself.
constexpr int kEnough = SIGUSR2;

sigset_t watched() {
    sigset_t set;
    sigemptyset(&set);
    for (const int one : {SIGINT, SIGTERM, SIGHUP, kEnough}) sigaddset(&set, one);
    return set;
}

}  // namespace

Signals::Signals() {
    std::signal(SIGPIPE, SIG_IGN);
    const sigset_t set = watched();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    thread_ = std::thread([this] {
        const sigset_t mine = watched();
        for (int got = 0; sigwait(&mine, &got) == 0 && got != kEnough;) {
            if (caught_ != 0) ::_exit(kSignal + got);
            caught_ = got;
            stop_.request_stop();
        }
    });
}

Signals::~Signals() {
    pthread_kill(thread_.native_handle(), kEnough);
    thread_.join();
}

}  // namespace oms::app
