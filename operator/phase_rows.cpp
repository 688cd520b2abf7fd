#include "phase_rows.hpp"

#include "api/names.hpp"
#include "upgrade/plan.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace oms::app {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

Mark mark_of(api::StepState state) {
    switch (state) {
        case api::StepState::Running:
            return Mark::Running;
        case api::StepState::Done:
            return Mark::Done;
        case api::StepState::Failed:
            break;
    }
    return Mark::Failed;
}

/// The last step of a phase in one direction: a run that is tried again may have several.
const api::Step* last_step(const api::Status& status, std::string_view phase, api::Goal goal) {
    const auto found =
        std::find_if(status.steps.rbegin(), status.steps.rend(), [&](const api::Step& step) {
            return step.name == phase && step.goal == goal;
        });
    return found == status.steps.rend() ? nullptr : &*found;
}

PhaseRow row_of(const api::Status& status, std::string_view phase, api::Goal goal, Time now) {
    PhaseRow row{.name = std::string(phase), .goal = goal};
    const api::Step* step = last_step(status, phase, goal);
    if (step == nullptr) return row;
    row.mark = mark_of(step->state);
    row.took = duration_cast<milliseconds>(step->finish_time.value_or(now) - step->start_time);
    if (row.mark != Mark::Done) row.message = step->message;
    return row;
}

std::string text(const char* format, double value) {
    std::array<char, 32> buffer{};
    std::snprintf(buffer.data(), buffer.size(), format, value);
    return buffer.data();
}

}  // namespace

std::vector<PhaseRow> phase_rows(const api::Status& status, Time now) {
    std::vector<PhaseRow> rows;
    const bool back = status.run && status.run->cursor.goal == api::Goal::Reverted;
    for (const auto& phase : upgrade::kPlan) {
        auto row = row_of(status, phase.name, api::Goal::Applied, now);
        if (!back || row.mark != Mark::Open) rows.push_back(std::move(row));
    }
    if (!back) return rows;
    bool reached = false;  // phases that were never gone into have nothing to be undone
    for (auto phase = upgrade::kPlan.rbegin(); phase != upgrade::kPlan.rend(); ++phase) {
        auto row = row_of(status, phase->name, api::Goal::Reverted, now);
        reached = reached || row.mark != Mark::Open;
        if (reached) rows.push_back(std::move(row));
    }
    return rows;
}

std::optional<milliseconds> downtime(const api::Status& status, Time now) {
    if (!status.times.t1) return std::nullopt;
    if (status.downtime_seconds && status.run && status.run->outcome)
        return milliseconds{*status.downtime_seconds * 1000};
    return duration_cast<milliseconds>(status.times.t2.value_or(now) - *status.times.t1);
}

std::string format_time(milliseconds time) {
    const auto whole = std::max<std::int64_t>(0, time.count());
    if (whole < 60'000) return text("%.1f s", static_cast<double>(whole) / 1000.0);
    const auto seconds = whole / 1000;
    const std::string tail = (seconds % 60 < 10 ? "0" : "") + std::to_string(seconds % 60);
    const auto minutes = seconds / 60;
    if (minutes < 60) return std::to_string(minutes) + ":" + tail;
    return std::to_string(minutes / 60) + (minutes % 60 < 10 ? ":0" : ":") +
           std::to_string(minutes % 60) + ":" + tail;
}

std::string format_bytes(std::uint64_t bytes) {
    constexpr std::array<const char*, 5> kUnits{" B", " KiB", " MiB", " GiB", " TiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
    return text(unit == 0 ? "%.0f" : "%.1f", value) + kUnits.at(unit);
}

std::vector<std::string> closing_lines(const api::OmsUpgrade& resource) {
    const api::Status& status = resource.status;
    std::vector<std::string> lines;
    lines.push_back(status.phase + ": " + status.message);
    if (status.downtime_seconds) {
        lines.push_back("  downtime  " +
                        format_time(milliseconds{*status.downtime_seconds * 1000}));
    }
    if (status.backup && !status.backup->path.empty())
        lines.push_back("  backup    " + status.backup->path);
    if (!status.follow_up.empty()) lines.emplace_back("  still to be done by a person:");
    for (const auto& todo : status.follow_up) lines.push_back("    - " + todo);
    return lines;
}

std::vector<std::string> finding_lines(const api::Finding& finding) {
    std::vector<std::string> lines;
    lines.push_back(std::string(api::to_string(finding.severity)) + " " + finding.name +
                    (finding.waived ? " (waived)" : "") + ": " + finding.message);
    if (!finding.remedy.empty()) lines.push_back("  remedy: " + finding.remedy);
    return lines;
}

}  // namespace oms::app
