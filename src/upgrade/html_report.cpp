#include "upgrade/html_report.hpp"

#include "api/names.hpp"
#include "base/diff.hpp"
#include "base/error.hpp"
#include "oms/config.hpp"
#include "upgrade/html.hpp"
#include "upgrade/phases/enable_ha.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace oms::upgrade {
namespace {

using html::element;
using html::escape;

using Rows = std::vector<std::vector<std::string>>;

std::string seconds_text(double seconds) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f s", seconds);
    return text.data();
}

double seconds_between(Time from, Time to) {
    return std::chrono::duration<double>(to - from).count();
}

std::string moment(const std::optional<Time>& time) {
    if (!time) return "";
    return to_rfc3339(*time).substr(0, 19) + "Z";
}

/// From the first step to the end, or to now while it runs.
struct Span {
    Time from;
    Time to;

    double percent(Time time) const {
        const double whole = std::max(seconds_between(from, to), 0.001);
        return std::clamp(100.0 * seconds_between(from, time) / whole, 0.0, 100.0);
    }
};

std::string style(const char* what, double percent) {
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%s:%.2f%%;", what, percent);
    return text.data();
}

std::string track(const Span& span, const api::Step& step, const api::Times& times) {
    const double left = span.percent(step.start_time);
    const double right = span.percent(step.finish_time.value_or(span.to));
    std::string out = "<div class=\"track\"><i class=\"" + std::string(to_string(step.goal)) +
                      "\" style=\"" + style("left", left) + style("width", right - left) +
                      "\"></i>";
    for (const auto& [name, time] :
         {std::pair{"T1", times.t1}, std::pair{"T2", times.t2}, std::pair{"T3", times.t3}}) {
        if (!time || *time < span.from || *time > span.to) continue;
        out +=
            "<b style=\"" + style("left", span.percent(*time)) + "\" title=\"" + name + "\"></b>";
    }
    return out + "</div>";
}

std::string head(const api::OmsUpgrade& resource) {
    const api::Status& status = resource.status;
    const api::Run& run = *status.run;
    const std::string outcome =
        run.outcome ? std::string(to_string(*run.outcome)) : "under way: " + status.phase;
    const std::string css =
        run.outcome ? "outcome " + std::string(to_string(*run.outcome)) : std::string("outcome");
    std::string out =
        element("h1", "OMS " + status.before.version + " to " + run.spec.target_version);
    out += "<p>" + element("span", outcome, css) + " " + escape(status.message) + "</p>\n";
    Rows rows{{"Upgrade", element("code", resource.key.space + "/" + resource.key.name)},
              {"Run", element("code", run.id)},
              {"Begun", moment(run.start_time)},
              {"Ended", moment(run.finish_time)},
              {"T1, OMS stopped", moment(status.times.t1)},
              {"T2, HA set after the upgrade", moment(status.times.t2)},
              {"T3, the new OMS stopped", moment(status.times.t3)},
              {"MetaDB", escape(status.observed.meta_db)}};
    if (status.downtime_seconds)
        rows.push_back({"Downtime", std::to_string(*status.downtime_seconds) + " s"});
    std::erase_if(rows, [](const auto& row) { return row[1].empty(); });
    return out + html::table("In short", {"", ""}, rows);
}

std::string timeline(const api::Status& status, Time now) {
    const Span span{status.run->start_time, status.run->finish_time.value_or(now)};
    Rows rows;
    for (const auto& step : status.steps) {
        const bool back = step.goal == api::Goal::Reverted;
        const Time end = step.finish_time.value_or(span.to);
        rows.push_back({escape(step.name + (back ? " (back)" : "")),
                        moment(step.start_time).substr(11),
                        seconds_text(seconds_between(step.start_time, end)),
                        track(span, step, status.times),
                        std::to_string(step.attempts),
                        std::string(to_string(step.state)),
                        step.state == api::StepState::Done ? "" : escape(step.message)});
    }
    return html::table("Timeline", {"Phase", "Begun", "Took", "", "Pushes", "State", ""}, rows) +
           element("p",
                   "Upright lines: T1, T2, T3. Blue: towards the new version. Brown: back.",
                   "quiet");
}

/// Each phase's share of the time between T1 and T2.
std::string downtime(const api::Status& status) {
    Rows rows;
    const auto& [t1, t2, t3] = status.times;
    if (t1 && t2) {
        const double whole = std::max(seconds_between(*t1, *t2), 0.001);
        for (const auto& step : status.steps) {
            const Time from = std::max(step.start_time, *t1);
            const Time to = std::min(step.finish_time.value_or(*t2), *t2);
            if (step.goal == api::Goal::Reverted || to <= from) continue;
            const double part = seconds_between(from, to);
            std::array<char, 16> share{};
            std::snprintf(share.data(), share.size(), "%.0f %%", 100.0 * part / whole);
            rows.push_back({escape(step.name), seconds_text(part), share.data()});
        }
    }
    return html::table("Downtime by part",
                       {"Phase", "Took", "Share"},
                       rows,
                       "OMS was not stopped and started again.");
}

std::string nodes(const api::Status& status) {
    Rows rows;
    for (const auto& node : status.before.nodes) {
        std::string mounts;
        for (const auto& mount : node.mounts) mounts += mount.source + " : " + mount.target + "\n";
        rows.push_back(
            {element("code", node.container),
             escape(node.host_ip),
             escape(node.region),
             element("code", node.image) + "<br>" + element("code", node.image_id, "quiet"),
             element("pre", mounts)});
    }
    return html::table("Nodes before the upgrade",
                       {"Container", "Host", "Region", "Image", "Mounts"},
                       rows,
                       "None was looked at.");
}

std::string backup(const api::Status& status) {
    Rows rows;
    if (status.backup) {
        for (const auto& one : status.backup->databases) {
            rows.push_back({element("code", one.name),
                            element("code", status.backup->path + "/" + one.file),
                            std::to_string(one.bytes),
                            std::to_string(one.tables),
                            std::to_string(one.rows),
                            element("code", one.sha256)});
        }
    }
    return html::table("Backup of MetaDB",
                       {"Database", "File", "Bytes", "Tables", "Rows", "SHA-256"},
                       rows,
                       "None was made.");
}

std::string findings(const api::Status& status) {
    Rows rows;
    for (const auto& one : status.findings) {
        rows.push_back({escape(one.name),
                        std::string(to_string(one.severity)) + (one.waived ? ", waived" : ""),
                        escape(one.message),
                        escape(one.remedy)});
    }
    return html::table(
        "Findings of the prechecks", {"Name", "Severity", "What", "Remedy"}, rows, "None.");
}

std::string difference(std::string_view heading, std::string_view before, std::string_view after) {
    std::string out = element("h2", heading) + "\n<pre>";
    for (const auto& line : diff_lines(before, after)) {
        using Kind = DiffLine::Kind;
        const bool same = line.kind == Kind::Same;
        const char* mark = same ? "  " : line.kind == Kind::Added ? "+ " : "- ";
        const char* css = same ? "" : line.kind == Kind::Added ? "added" : "removed";
        out += element("span", mark + line.text, css) + "\n";
    }
    return out + "</pre>\n";
}

/// One key a line, so that a change of one is a line of its own.
std::string one_key_a_line(const std::string& json) {
    std::string text;
    bool quoted = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        if (json[i] == '"' && (i == 0 || json[i - 1] != '\\')) quoted = !quoted;
        text += json[i];
        if (!quoted && (json[i] == ',' || json[i] == '{')) text += '\n';
        if (!quoted && i + 1 < json.size() && json[i + 1] == '}') text += '\n';
    }
    return text;
}

std::string ha(const api::OmsUpgrade& resource) {
    const auto& before = resource.status.before.ha_config;
    if (!before) return html::table("ha.config", {}, {}, "There is no such row in MetaDB.");
    const bool set = resource.status.times.t2 && !resource.status.times.t3;
    const std::string after = set ? EnableHA::wanted(make_target(resource)) : *before;
    return difference("ha.config", one_key_a_line(*before), one_key_a_line(after));
}

std::string follow_up(const api::Status& status) {
    std::string out = element("h2", "Left for a person") + "<ul>";
    for (const auto& one : status.follow_up) out += element("li", one);
    return out + "</ul>\n";
}

}  // namespace

std::string html_report(const api::OmsUpgrade& resource,
                        const std::vector<ConfigPair>& configs,
                        Time now) {
    const api::Status& status = resource.status;
    if (!status.run) {
        throw Terminal("the upgrade " + resource.key.name +
                       " has not begun, so there is nothing to report");
    }
    std::string body = head(resource) + timeline(status, now) + downtime(status) + nodes(status) +
                       backup(status) + findings(status);
    for (const auto& config : configs) {
        body += difference("config.yaml of " + config.container,
                           mask_passwords(config.before),
                           mask_passwords(config.after));
    }
    body += ha(resource);
    if (!status.follow_up.empty()) body += follow_up(status);
    body += element("p", "Made by oms-operator at " + moment(now) + ".", "quiet") + "\n";
    return html::page(resource.key.name + ": OMS to " + status.run->spec.target_version, body);
}

}  // namespace oms::upgrade
