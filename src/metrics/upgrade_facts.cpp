#include "metrics/upgrade_facts.hpp"

#include "upgrade/plan.hpp"

#include <algorithm>

namespace oms::metrics {
namespace {

constexpr std::string_view kOther = "Other";

/// So many different findings are told of one upgrade; there are fewer in all.
constexpr std::size_t kFindingsMax = 64;
constexpr std::size_t kFindingBytesMax = 40;

const upgrade::Phase* find_phase(std::string_view name) {
    const auto& plan = upgrade::kPlan;
    const auto at =
        std::find_if(plan.begin(), plan.end(), [&](const auto& one) { return one.name == name; });
    return at == plan.end() ? nullptr : &*at;
}

std::string_view state_of(const api::Status& status) {
    const std::string_view said = status.phase;
    if (said.empty()) return "Pending";
    if (said == "Failed" && status.run && status.run->cursor.goal == api::Goal::Reverted)
        return "RollbackFailed";
    const auto known = std::find(kStates.begin(), kStates.end(), said);
    if (known != kStates.end()) return *known;
    return find_phase(said) != nullptr ? "Upgrading" : kOther;
}

const api::Step* last_step(const api::Status& status, std::string_view name, api::Goal goal) {
    const auto at = std::find_if(status.steps.rbegin(), status.steps.rend(), [&](const auto& step) {
        return step.name == name && step.goal == goal && step.state == api::StepState::Done;
    });
    return at == status.steps.rend() ? nullptr : &*at;
}

std::optional<double> seconds_of(const api::Step* step) {
    if (step == nullptr || !step->finish_time) return std::nullopt;
    return std::chrono::duration<double>(*step->finish_time - step->start_time).count();
}

std::string_view severity_of(const api::Finding& finding) {
    switch (finding.severity) {
        case api::Severity::Error:
            return "Error";
        case api::Severity::Warning:
            return "Warning";
        case api::Severity::Info:
            break;
    }
    return "Info";
}

bool is_word(std::string_view text) {
    const auto in_word = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    };
    return !text.empty() && text.size() <= kFindingBytesMax && text.front() >= 'A' &&
           text.front() <= 'Z' && std::all_of(text.begin(), text.end(), in_word);
}

void add_findings(UpgradeFacts& facts, const api::Status& status) {
    for (const auto& finding : status.findings) {
        const std::string_view name =
            std::string_view(finding.name).substr(0, finding.name.find('/'));
        const bool told = is_word(name) && facts.findings.size() < kFindingsMax;
        ++facts.findings[{.name = std::string(told ? name : kOther),
                          .severity = severity_of(finding),
                          .waived = finding.waived}];
    }
}

void add_run(UpgradeFacts& facts, const api::Run& run) {
    if (run.outcome) return;
    const auto* phase = find_phase(run.cursor.phase);
    facts.phase = phase != nullptr ? phase->name : kOther;
    facts.phase_start = run.cursor.since;
    facts.attempts = run.cursor.pushes;
    if (phase != nullptr) facts.phase_deadline = phase->deadline;
    for (const auto& asked : run.spec.deadlines) {
        if (asked.phase == run.cursor.phase)
            facts.phase_deadline = std::chrono::seconds{asked.seconds};
    }
}

void add_downtime(UpgradeFacts& facts, const api::Status& status) {
    const auto& times = status.times;
    const bool goes_back = status.run && status.run->cursor.goal == api::Goal::Reverted;
    const bool is_back = last_step(status, "StopOMS", api::Goal::Reverted) != nullptr;
    // Taken back after it had been up: it is down a second time.
    if (goes_back && !is_back && times.t2 && times.t3) {
        facts.down_since = times.t3;
    } else if (status.downtime_seconds) {
        facts.seconds_down = status.downtime_seconds;
    } else {
        facts.down_since = times.t1;
    }
}

void add_backup(UpgradeFacts& facts, const api::Status& status) {
    const auto* dump = last_step(status, "BackupMetaDB", api::Goal::Applied);
    if (dump == nullptr || !status.backup) return;
    facts.backup_end = dump->finish_time;
    facts.dump_seconds = seconds_of(dump);
    for (const auto& database : status.backup->databases) facts.backup_bytes += database.bytes;
    facts.restore_seconds = seconds_of(last_step(status, "BackupMetaDB", api::Goal::Reverted));
}

}  // namespace

UpgradeFacts facts_of(const api::OmsUpgrade& resource) {
    const api::Status& status = resource.status;
    UpgradeFacts facts{.state = state_of(status),
                       .rollback_requested = resource.spec.rollback.requested};
    if (status.run) add_run(facts, *status.run);
    add_downtime(facts, status);
    add_backup(facts, status);
    add_findings(facts, status);
    return facts;
}

}  // namespace oms::metrics
