#include "report.hpp"

#include "api/json.hpp"
#include "exit_codes.hpp"
#include "oms/config.hpp"
#include "phase_rows.hpp"
#include "upgrade/dumps.hpp"
#include "upgrade/explain.hpp"
#include "upgrade/html_report.hpp"
#include "upgrade/plan.hpp"
#include "upgrade/script_logs.hpp"
#include "upgrade/separation.hpp"

#include <nlohmann/json.hpp>

#include <iomanip>
#include <iostream>

namespace oms::app {
namespace {

std::string dump(const nlohmann::json& object) {
    return object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

const char* word(Mark mark) {
    switch (mark) {
        case Mark::Done:
            return "done";
        case Mark::Running:
            return "running";
        case Mark::Failed:
            return "FAILED";
        case Mark::Open:
            break;
    }
    return "-";
}

/// config.yaml as the upgrade left it, but for the account of a separate cm: that is in its Secret.
std::string config_after(const upgrade::Target& target, const std::string& before) {
    std::string after = target.splits_config() ? split_meta_keys(before) : before;
    const auto& place = target.spec.meta_db.separate_cm;
    if (!place || !upgrade::separates_cm(target)) return after;
    SeparateCm separate{.place = {.host = place->host,
                                  .port = static_cast<std::uint16_t>(place->port),
                                  .user = "***",
                                  .password = Secret("***")},
                        .names = {}};
    for (const auto& one : target.before.carried_databases) separate.names[one.from] = one.to;
    return separate_cm(after, separate);
}

/// The last lines of a text.
std::string_view last_lines(std::string_view text, std::size_t lines) {
    if (lines == 0) return {};
    std::size_t at = text.size();
    if (at > 0 && text.back() == '\n') --at;
    while (at > 0) {
        const std::size_t line_end = text.rfind('\n', at - 1);
        if (line_end == std::string_view::npos) return text;
        if (--lines == 0) return text.substr(line_end + 1);
        at = line_end;
    }
    return text;
}

}  // namespace

void print_one(const api::OmsUpgrade& resource, Output output) {
    if (output == Output::Json) {
        std::cout << dump(api::to_json(resource)) << "\n";
        return;
    }
    const api::Status& status = resource.status;
    std::cout << resource.key.space << "/" << resource.key.name << "  to "
              << resource.spec.target_version << "\n";
    for (const auto& finding : status.findings)
        for (const auto& line : finding_lines(finding)) std::cout << "  " << line << "\n";
    for (const auto& row : phase_rows(status, Clock::now())) {
        const std::string name = (row.goal == api::Goal::Reverted ? "undo " : "") + row.name;
        std::cout << "  " << std::left << std::setw(24) << name << std::setw(9) << word(row.mark)
                  << std::setw(10) << (row.took ? format_time(*row.took) : "") << row.message
                  << "\n";
    }
    for (const auto& line : closing_lines(resource)) std::cout << line << "\n";
}

void print_all(const std::vector<api::OmsUpgrade>& all, Output output) {
    if (output == Output::Json) {
        auto list = nlohmann::json::array();
        for (const auto& resource : all) list.push_back(api::to_json(resource));
        std::cout << dump(list) << "\n";
        return;
    }
    std::cout << std::left << std::setw(32) << "NAME" << std::setw(10) << "TARGET" << std::setw(18)
              << "PHASE"
              << "MESSAGE\n";
    for (const auto& resource : all) {
        std::cout << std::setw(32) << resource.key.space + "/" + resource.key.name << std::setw(10)
                  << resource.spec.target_version << std::setw(18) << resource.status.phase
                  << resource.status.message << "\n";
    }
}

int print_plan(const api::OmsUpgrade& resource,
               const controller::FindSecret& find_secret,
               const std::filesystem::path& backup_root,
               const std::stop_token& stop) {
    const auto open = [&](const api::OmsUpgrade& draft) {
        return std::make_shared<controller::Workshop>(
            draft, find_secret, controller::real_doors(), backup_root);
    };
    const auto [text, refused] = upgrade::explain(
        resource, open, [] { return Clock::now(); }, stop, upgrade::kPlan);
    std::cout << text;
    return refused ? kRefused : kSucceeded;
}

int print_logs(const api::OmsUpgrade& resource,
               const controller::FindSecret& find_secret,
               const std::filesystem::path& backup_root,
               std::optional<std::size_t> tail) {
    controller::Workshop workshop(resource, find_secret, controller::real_doors(), backup_root);
    const auto logs = upgrade::read_script_logs(resource, workshop);
    for (const auto& log : logs) {
        const auto text = tail ? last_lines(log.text, *tail) : std::string_view(log.text);
        std::cout << "== " << log.script << " in " << log.container << ", " << log.state << "\n"
                  << text << (text.empty() || text.back() == '\n' ? "" : "\n");
    }
    if (!logs.empty()) return kSucceeded;
    std::cerr << "None of OMS's scripts has been begun by this upgrade.\n";
    return kFailed;
}

int print_report(const api::OmsUpgrade& resource, const std::filesystem::path& backup_root) {
    std::vector<upgrade::ConfigPair> configs;
    const auto& run = resource.status.run;
    if (run) {
        const upgrade::Target target = upgrade::make_target(resource);
        const auto backups = metadb::make_backups(backup_root / run->id);
        const bool taken_back = run->cursor.goal == api::Goal::Reverted;
        for (std::size_t node = 0; node < target.before.nodes.size(); ++node) {
            const auto before = backups->read(upgrade::config_file_name(target, node));
            if (!before) continue;
            configs.push_back({target.said(target.before.nodes[node].container, node),
                               *before,
                               taken_back ? *before : config_after(target, *before)});
        }
    }
    std::cout << upgrade::html_report(resource, configs, Clock::now());
    return kSucceeded;
}

}  // namespace oms::app
