#pragma once

#include "runtime/host.hpp"

#include <chrono>
#include <string>
#include <variant>
#include <vector>

namespace oms::runtime {

// A journaled job: a command in a container that must run once, whoever asks and however often,
// and whose end must be seen by an operator that was restarted meanwhile. OMS's own scripts are not
// safe to run twice (oms-facts 0.12).
//
// Its journal is a folder that the container sees, on a mount so that it outlives the container:
//   begun   "<pid> <start time of the container>", made by one link(2), so that of two who ask only
//           one goes on
//   log     what the command printed
//   exit    its exit code, renamed into place when it has ended

struct JobNotBegun {};
struct JobRunning {};
struct JobEnded {
    int exit_code = 0;
    std::string log_tail;  // of one that failed: its last lines, if the container runs to be asked
};
/// It was begun, has written no exit code, and its process is gone.
struct JobInterrupted {};

using JobState = std::variant<JobNotBegun, JobRunning, JobEnded, JobInterrupted>;

/// One that runs is given `patience` to end, at most some seconds: waiting costs the container
/// nothing, while each look starts a process in it.
JobState look_at_job(const Host&,
                     const Container&,
                     const std::string& folder,
                     std::chrono::milliseconds patience = {});

/// Starts the job in the folder `working_folder` and returns. Repeated, or raced by another
/// operator, it starts nothing. Terminal when the container does not run.
void start_job(Host&,
               const Container&,
               const std::string& folder,
               const std::string& working_folder,
               const std::vector<std::string>& command);

}  // namespace oms::runtime
