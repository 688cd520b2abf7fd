#include "options.hpp"

#include "base/error.hpp"
#include "exit_codes.hpp"
#include "version.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <iostream>
#include <map>
#include <string_view>
#include <unistd.h>

namespace oms::app {
namespace {

constexpr const char* kFooter =
    "Exit codes of upgrade, rollback: 0 succeeded, 1 failed, 2 rolled back, 3 refused by a\n"
    "precheck (nothing was touched), 64 usage or bad manifest, 75 not ended (paused, or waiting\n"
    "for a person), 130/143 interrupted (run the same command again to go on).";

const std::map<std::string, log::Format> kFormats{{"text", log::Format::Text},
                                                  {"json", log::Format::Json}};
const std::map<std::string, Output> kOutputs{{"text", Output::Text}, {"json", Output::Json}};

template <class T>
void add_choice(CLI::App& app,
                const std::string& flag,
                T& into,
                const std::map<std::string, T>& choices,
                const std::string& help) {
    app.add_option(flag, into, help)->transform(CLI::CheckedTransformer(choices));
}

void add_home(CLI::App& verb, Options& options) {
    verb.add_option("--state-dir", options.state_dir, "Folder that holds upgrades of this machine");
    verb.add_option("--kubeconfig", options.kubeconfig, "Speak to the cluster of this kubeconfig");
    verb.add_option("--context", options.context, "Context of the kubeconfig");
    verb.add_option("-n,--namespace", options.space, "Namespace of the OMSUpgrade");
}

void add_file(CLI::App& verb, Options& options, const std::string& help) {
    verb.add_option("-f,--file", options.file, help);
}

void add_upgrade(CLI::App& app, Options& options) {
    auto* verb =
        app.add_subcommand("upgrade", "Carry out the upgrade of a manifest, on this machine");
    verb->add_option("-f,--file", options.file, "Manifest: one OMSUpgrade, and its Secrets")
        ->required();
    verb->add_option(
        "--state-dir", options.state_dir, "Folder that holds upgrades of this machine");
    verb->add_flag("--retry", options.retry, "Try again a run that failed or was rolled back");
    add_choice(*verb, "-o,--output", options.output, kOutputs, "text or json, one object a change");
    verb->callback([&] { options.verb = Verb::Upgrade; });
}

/// What CLI11 asks of a check: empty when all is well.
std::string problem_of_selector(const std::string& text) {
    try {
        const kube::Selector checked(text);
        return {};
    } catch (const Terminal& error) {
        return error.what();
    }
}

void add_seconds(CLI::App& verb,
                 const std::string& flag,
                 std::chrono::milliseconds& into,
                 const std::string& help) {
    static const std::map<std::string, std::int64_t> units{{"ms", 1}, {"s", 1000}, {"m", 60'000}};
    verb.add_option_function<std::int64_t>(
            flag, [&into](std::int64_t length) { into = std::chrono::milliseconds(length); }, help)
        ->transform(CLI::AsNumberWithUnit(
            units, CLI::AsNumberWithUnit::Options(CLI::AsNumberWithUnit::UNIT_REQUIRED), "TIME"))
        ->default_str(std::to_string(into.count() / 1000) + "s");
}

/// The words of controller-runtime's users (Flux).
void add_election(CLI::App& verb, kube::ElectionTimes& times) {
    add_seconds(verb,
                "--leader-election-lease-duration",
                times.lease,
                "After which a leader that does not renew is taken over from");
    add_seconds(verb,
                "--leader-election-renew-deadline",
                times.renew_deadline,
                "After which a leader that cannot renew gives up; less than that");
    add_seconds(verb,
                "--leader-election-retry-period",
                times.retry,
                "Between two tries to renew, or to lead; less than that again");
}

void add_run(CLI::App& app, Options& options) {
    auto* verb = app.add_subcommand("run", "Watch OMSUpgrades of a cluster and carry them out");
    verb->add_option("--kubeconfig", options.kubeconfig, "Default: the pod's own credentials");
    verb->add_option("--context", options.context, "Context of the kubeconfig");
    verb->add_option("-n,--namespace", options.watched, "Watch these only; may be repeated");
    verb->add_option_function<std::string>(
            "-l,--selector",
            [&options](const std::string& text) { options.selector = kube::Selector(text); },
            "Work on those with these labels only, as kubectl's: team=bank,region in (a,b)")
        ->check([](const std::string& text) { return problem_of_selector(text); });
    verb->add_option("--backup-dir", options.backup_dir, "Folder for the backups of MetaDB");
    verb->add_flag("--leader-elect", options.leader_elect, "Stand by while another replica leads");
    verb->add_option("--lease-namespace", options.lease_space, "Where the Lease is");
    verb->add_option("--lease-name", options.lease_name, "Name of the Lease")
        ->default_str(options.lease_name);
    add_election(*verb, options.election);
    verb->add_option("--health-address",
                     options.health_address,
                     "For /healthz and /readyz; none: no endpoint")
        ->default_str(options.health_address);
    verb->add_option("--metrics-address",
                     options.metrics_address,
                     "For /metrics, which Prometheus reads; none: no endpoint")
        ->default_str(options.metrics_address);
    verb->add_option("--workers", options.lanes.glances, "Threads that take changes in")
        ->check(CLI::Range(1, 64))
        ->default_str(std::to_string(options.lanes.glances));
    verb->add_option(
            "--upgrades-at-once", options.lanes.stretches, "Upgrades that are worked on at once")
        ->check(CLI::Range(1, 1024))
        ->default_str(std::to_string(options.lanes.stretches));
    verb->add_option("--log-level-file",
                     options.log_level_file,
                     "File that holds a --log-level; read again when it changes");
    verb->callback([&] {
        options.verb = Verb::Run;
        if (const auto problem = kube::problem_of(options.election))
            throw CLI::ValidationError("--leader-election-*", *problem);
    });
}

void add_plan(CLI::App& app, Options& options) {
    auto* verb = app.add_subcommand(
        "plan",
        "Say everything an upgrade would do; touch nothing. Ends with 3 when it would be refused");
    add_file(*verb, options, "Manifest: one OMSUpgrade, and its Secrets");
    verb->add_option("name", options.name, "Name of the OMSUpgrade, instead of a manifest");
    add_home(*verb, options);
    verb->callback([&] { options.verb = Verb::Plan; });
}

void add_status(CLI::App& app, Options& options) {
    auto* verb = app.add_subcommand("status", "Show how upgrades stand");
    verb->add_option("name", options.name, "Name of one OMSUpgrade; default: all");
    add_home(*verb, options);
    add_choice(*verb, "-o,--output", options.output, kOutputs, "text or json");
    verb->add_flag("-w,--watch",
                   options.watch,
                   "Show one until it has ended, and end with the exit code of that");
    verb->callback([&] { options.verb = Verb::Status; });
}

void add_rollback(CLI::App& app, Options& options) {
    auto* verb = app.add_subcommand("rollback", "Go back to what was there before an upgrade");
    verb->add_option("name", options.name, "Name of the OMSUpgrade; default: the only one");
    add_file(*verb, options, "Manifest with the Secrets that the upgrade names");
    add_home(*verb, options);
    add_choice(*verb, "-o,--output", options.output, kOutputs, "text or json, one object a change");
    verb->callback([&] { options.verb = Verb::Rollback; });
}

CLI::App* add_named(
    CLI::App& app, Options& options, Verb which, const std::string& name, const std::string& help) {
    auto* verb = app.add_subcommand(name, help);
    verb->add_option("name", options.name, "Name of the OMSUpgrade; default: the only one");
    add_home(*verb, options);
    verb->callback([&options, which] { options.verb = which; });
    return verb;
}

void add_others(CLI::App& app, Options& options) {
    add_named(
        app, options, Verb::Approve, "approve", "Let an upgrade go on that waits for approval");
    add_named(app,
              options,
              Verb::Pause,
              "pause",
              "Have an upgrade stop at the next safe point, until resume");
    add_named(app, options, Verb::Resume, "resume", "Let a paused upgrade go on");
    auto* logs = add_named(app,
                           options,
                           Verb::Logs,
                           "logs",
                           "Print what OMS's own scripts printed, from their logs inside of OMS");
    add_file(*logs, options, "Manifest with the Secrets that the upgrade names");
    logs->add_option("--tail", options.tail, "Only so many last lines of each");
    add_named(app,
              options,
              Verb::Report,
              "report",
              "Write an upgrade as one page of HTML to standard output: times, phases, changes");
}

/// What CLI11 asks of a check: empty when all is well.
std::string check_levels(const std::string& text) {
    try {
        log::read_levels(text);
        return {};
    } catch (const Terminal& error) {
        return error.what();
    }
}

bool called_as_plugin(const char* name) {
    const std::string_view path = name;
    return path.substr(path.rfind('/') + 1).rfind("kubectl-oms", 0) == 0;
}

void settle(Options& options, bool plugin) {
    const bool named_here = !options.state_dir.empty();
    const bool named_cluster = options.kubeconfig || options.context || options.space;
    options.cluster = named_cluster || (plugin && !named_here);
    if (options.verb == Verb::Upgrade) options.cluster = false;
    if (options.state_dir.empty()) options.state_dir = default_state_dir();
    if (options.backup_dir.empty()) options.backup_dir = options.state_dir / "backups";
}

}  // namespace

std::filesystem::path default_state_dir() {
    // In a pod it is a volume of an operator that is not root.
    constexpr const char* kShared = "/var/lib/oms-operator";
    if (::geteuid() == 0 || ::access(kShared, W_OK) == 0) return kShared;
    const auto from = [](const char* name) -> std::filesystem::path {
        const char* value = std::getenv(name);
        return value == nullptr ? "" : value;
    };
    const auto state = from("XDG_STATE_HOME");
    return (state.is_absolute() ? state : from("HOME") / ".local/state") / "oms-operator";
}

CommandLine read_command_line(int argc, const char* const* argv) {
    Options options;
    options.health_address = ":8081";
    options.metrics_address = ":8080";
    options.lease_space = "oms-system";
    options.lease_name = "oms-operator";
    CLI::App app{"Upgrades OceanBase Migration Service (OMS) without a person at the keyboard.",
                 "oms-operator"};
    app.footer(kFooter);
    app.set_version_flag("--version",
                         std::string("oms-operator ") + kVersion + " (" + kCommit + ")");
    app.require_subcommand(1);
    app.fallthrough();
    std::optional<std::string> levels;
    app.add_option("--log-level",
                   levels,
                   "debug, info, warn, error or off; of a component otherwise: info,kube=debug")
        ->check(check_levels);
    add_choice(app, "--log-format", options.log_format, kFormats, "text or json");
    add_upgrade(app, options);
    add_run(app, options);
    add_plan(app, options);
    add_status(app, options);
    add_rollback(app, options);
    add_others(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return {.options = std::nullopt, .exit_code = app.exit(error) == 0 ? 0 : kUsage};
    }
    // Where a person watches the phases, lines of a log would only be in the way.
    options.log_levels =
        log::read_levels(levels.value_or(options.verb == Verb::Run ? "info" : "warn"));
    settle(options, called_as_plugin(argv[0]));
    return {.options = options, .exit_code = 0};
}

}  // namespace oms::app
