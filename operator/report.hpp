#pragma once

#include "api/oms_upgrade.hpp"
#include "controller/workshop.hpp"
#include "options.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <vector>

namespace oms::app {

/// Prints the resource with its phases, or as JSON.
void print_one(const api::OmsUpgrade&, Output);

/// Prints a line for each, or a JSON list.
void print_all(const std::vector<api::OmsUpgrade>&, Output);

/// Prints what the upgrade would do. Looks at the world, touches nothing. kRefused: it would be.
int print_plan(const api::OmsUpgrade&,
               const controller::FindSecret&,
               const std::filesystem::path& backup_root,
               const std::stop_token&);

/// Prints what OMS's scripts printed; with `tail`, only so many last lines of each. kFailed: no
/// script was begun, or none of the containers is there.
int print_logs(const api::OmsUpgrade&,
               const controller::FindSecret&,
               const std::filesystem::path& backup_root,
               std::optional<std::size_t> tail);

/// Prints the upgrade as a page of HTML. What changed in config.yaml is shown where the backup can
/// be read.
int print_report(const api::OmsUpgrade&, const std::filesystem::path& backup_root);

}  // namespace oms::app
