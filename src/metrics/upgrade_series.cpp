#include "metrics/upgrade_series.hpp"

#include <algorithm>
#include <utility>

namespace oms::metrics {
namespace {

using prometheus::MetricFamily;

double seconds(Time time) {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

/// All families of upgrades, filled one upgrade after the other.
struct Page {
    MetricFamily state =
        family("oms_operator_upgrade_state", "1 for the state that an upgrade is in.");
    MetricFamily phase =
        family("oms_operator_upgrade_phase", "1 for the phase that a run under way is at.");
    MetricFamily phase_start = family("oms_operator_upgrade_phase_start_timestamp_seconds",
                                      "When a run under way turned to its phase.");
    MetricFamily phase_deadline =
        family("oms_operator_upgrade_phase_deadline_seconds",
               "How long that phase may take; it has failed then. 0: for ever.");
    MetricFamily attempts = family("oms_operator_upgrade_attempts",
                                   "How often that phase was begun, in this direction.");
    MetricFamily rollback_requested = family("oms_operator_upgrade_rollback_requested",
                                             "1 while spec.rollback.requested is true.");
    MetricFamily down =
        family("oms_operator_upgrade_oms_down",
               "1 from StopOMS until OMS is back: at the new version, or as it was.");
    MetricFamily downtime =
        family("oms_operator_upgrade_downtime_seconds", "How long OMS was down, or is so far.");
    MetricFamily backup_end = family("oms_operator_upgrade_backup_timestamp_seconds",
                                     "When the dump of MetaDB was complete that a rollback needs.");
    MetricFamily backup_bytes = family("oms_operator_upgrade_backup_bytes",
                                       "Size of that dump on disk, compressed where it is.");
    MetricFamily dump_seconds =
        family("oms_operator_upgrade_dump_duration_seconds", "How long that dump took.");
    MetricFamily restore_bytes = family("oms_operator_upgrade_restore_bytes",
                                        "Size of the dump that was put back by a rollback.");
    MetricFamily restore_seconds = family("oms_operator_upgrade_restore_duration_seconds",
                                          "How long it took to put the dump back.");
    MetricFamily findings = family("oms_operator_upgrade_findings",
                                   "How many findings of that name the last prechecks had.");

    void add_run(const Labels& who, const UpgradeFacts& facts) {
        if (facts.phase.empty()) return;
        add(phase, with(who, "phase", facts.phase), 1);
        add(phase_start, who, seconds(facts.phase_start));
        add(phase_deadline, who, static_cast<double>(facts.phase_deadline.count()));
        add(attempts, who, facts.attempts);
    }

    void add_downtime(const Labels& who, const UpgradeFacts& facts, Time now) {
        add(down, who, facts.down_since ? 1 : 0);
        if (facts.down_since) {
            const auto length = std::chrono::duration<double>(now - *facts.down_since).count();
            add(downtime, who, std::max(0.0, length));
        } else if (facts.seconds_down) {
            add(downtime, who, static_cast<double>(*facts.seconds_down));
        }
    }

    void add_backup(const Labels& who, const UpgradeFacts& facts) {
        if (!facts.backup_end) return;
        add(backup_end, who, seconds(*facts.backup_end));
        add(backup_bytes, who, static_cast<double>(facts.backup_bytes));
        if (facts.dump_seconds) add(dump_seconds, who, *facts.dump_seconds);
        if (!facts.restore_seconds) return;
        add(restore_bytes, who, static_cast<double>(facts.backup_bytes));
        add(restore_seconds, who, *facts.restore_seconds);
    }

    void add_upgrade(const api::Key& key, const UpgradeFacts& facts, Time now) {
        const Labels who{{"namespace", key.space}, {"name", key.name}};
        add(state, with(who, "state", facts.state), 1);
        add(rollback_requested, who, facts.rollback_requested ? 1 : 0);
        add_run(who, facts);
        add_downtime(who, facts, now);
        add_backup(who, facts);
        for (const auto& [finding, count] : facts.findings) {
            auto labels = with(who, "finding", finding.name);
            labels.push_back({"severity", std::string(finding.severity)});
            labels.push_back({"waived", finding.waived ? "true" : "false"});
            add(findings, std::move(labels), static_cast<double>(count));
        }
    }

    static Labels with(Labels labels, const std::string& name, std::string_view value) {
        labels.push_back({name, std::string(value)});
        return labels;
    }

    Families all() && {
        Families made;
        for (auto* one : {&state,
                          &phase,
                          &phase_start,
                          &phase_deadline,
                          &attempts,
                          &rollback_requested,
                          &down,
                          &downtime,
                          &backup_end,
                          &backup_bytes,
                          &dump_seconds,
                          &restore_bytes,
                          &restore_seconds,
                          &findings})
            if (!one->metric.empty()) made.push_back(std::move(*one));
        return made;
    }
};

}  // namespace

bool UpgradeSeries::is_gone(const std::string& uid) const {
    return std::find(gone_.begin(), gone_.end(), uid) != gone_.end();
}

void UpgradeSeries::on_record(const api::OmsUpgrade& resource) {
    auto facts = facts_of(resource);
    const std::lock_guard guard(mutex_);
    if (is_gone(resource.uid)) return;
    upgrades_[resource.key] = {.uid = resource.uid, .is_recorded = true, .facts = std::move(facts)};
}

void UpgradeSeries::on_told(const api::OmsUpgrade& resource) {
    auto facts = facts_of(resource);
    const std::lock_guard guard(mutex_);
    // Also one that was out of our sight for a while.
    std::erase(gone_, resource.uid);
    auto& entry = upgrades_[resource.key];
    const bool wish = facts.rollback_requested;
    if (!entry.is_recorded || entry.uid != resource.uid)
        entry = {.uid = resource.uid, .is_recorded = false, .facts = std::move(facts)};
    entry.facts.rollback_requested = wish;  // the spec is never ours
}

void UpgradeSeries::on_gone(const api::Key& key, const std::string& uid) {
    const std::lock_guard guard(mutex_);
    if (gone_.size() == kGoneMax) gone_.pop_front();
    gone_.push_back(uid);
    const auto entry = upgrades_.find(key);
    if (entry != upgrades_.end() && entry->second.uid == uid) upgrades_.erase(entry);
}

Families UpgradeSeries::collect(Time now) const {
    Page page;
    const std::lock_guard guard(mutex_);
    for (const auto& [key, entry] : upgrades_) page.add_upgrade(key, entry.facts, now);
    return std::move(page).all();
}

}  // namespace oms::metrics
