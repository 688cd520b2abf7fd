#pragma once

#include "base/log.hpp"
#include "controller/lanes.hpp"
#include "kube/election.hpp"
#include "kube/selector.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace oms::app {

enum class Verb {
    Upgrade,
    Run,
    Plan,
    Status,
    Rollback,
    Approve,
    Pause,
    Resume,
    Logs,
    Report,
};
enum class Output { Text, Json };

/// The command line, as values.
struct Options {
    Verb verb = Verb::Upgrade;
    log::Levels log_levels;
    std::filesystem::path log_level_file;  // of `run`; empty: none
    log::Format log_format = log::Format::Text;
    Output output = Output::Text;

    // Which home, and what in it.
    bool cluster = false;
    std::filesystem::path state_dir;
    std::optional<std::filesystem::path> kubeconfig;
    std::optional<std::string> context;
    std::optional<std::string> space;  // -n
    std::optional<std::filesystem::path> file;
    std::optional<std::string> name;
    bool retry = false;
    bool watch = false;               // of `status`
    std::optional<std::size_t> tail;  // of `logs`: lines of each; empty: all

    // Of `run`.
    std::vector<std::string> watched;  // namespaces; empty: all
    kube::Selector selector;
    std::filesystem::path backup_dir;
    bool leader_elect = false;
    std::string lease_space;
    std::string lease_name;
    kube::ElectionTimes election;
    std::string health_address;
    std::string metrics_address;
    controller::LaneSizes lanes;
};

struct CommandLine {
    std::optional<Options> options;
    int exit_code = 0;  // without options: what was asked for is done (--help) or refused
};

/// Reads the command line; prints help, version and errors itself. Called `kubectl-oms`, a verb
/// speaks to the cluster unless it is given a file or a state directory.
CommandLine read_command_line(int argc, const char* const* argv);

/// /var/lib/oms-operator for root and whoever may write there, else under $XDG_STATE_HOME or
/// ~/.local/state.
std::filesystem::path default_state_dir();

}  // namespace oms::app
