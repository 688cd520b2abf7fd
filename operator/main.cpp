#include "api/problem.hpp"
#include "cluster.hpp"
#include "exit_codes.hpp"
#include "options.hpp"
#include "signals.hpp"
#include "standalone.hpp"

#include <sys/resource.h>

#include <exception>
#include <iostream>
#include <malloc.h>

namespace {

int run(const oms::app::Options& options, oms::app::Signals& signals) {
    using oms::app::Verb;
    if (options.verb == Verb::Run) return oms::app::run_operator(options, signals);
    return options.cluster ? oms::app::run_in_cluster(options, signals)
                           : oms::app::run_standalone(options, signals);
}

}  // namespace

int main(int argc, char** argv) {
    // An arena per thread would keep what every upgrade once needed; two do for our few
    // allocations.
    mallopt(M_ARENA_MAX, 2);
    // What the process holds in memory, passwords among it, must not get into a file.
    const rlimit no_core{};
    ::setrlimit(RLIMIT_CORE, &no_core);
    try {
        const auto line = oms::app::read_command_line(argc, argv);
        if (!line.options) return line.exit_code;
        oms::log::configure(line.options->log_levels, line.options->log_format);
        oms::app::Signals signals;
        try {
            return run(*line.options, signals);
        } catch (const oms::Stopped&) {
            return oms::app::kSignal + signals.caught();
        }
    } catch (const oms::api::BadManifest& error) {
        std::cerr << error.what() << "\n";
        return oms::app::kUsage;
    } catch (const std::exception& error) {
        std::cerr << "oms-operator: " << error.what() << "\n";
        return oms::app::kFailed;
    }
}
