#pragma once

#include "upgrade/survey.hpp"

#include <string>
#include <vector>

/// The rules of Precheck. Each adds what it finds; one whose facts could not be seen says nothing:
/// that they could not be seen is a finding of another rule.
namespace oms::upgrade {

using Findings = std::vector<api::Finding>;

void add(Findings&,
         std::string name,
         std::string message,
         std::string remedy,
         api::Severity = api::Severity::Error);

// hosts.cpp
void hosts_answer(const Target&, const Survey&, Findings&);
void containers_run(const Target&, const Survey&, Findings&);
void new_name_is_free(const Target&, const Survey&, Findings&);
void mounts_are_there(const Target&, const Survey&, Findings&);

// components.cpp
void tasks_can_be_kept(const Target&, const Survey&, Findings&);

// site.cpp
void every_node_is_listed(const Target&, const Survey&, Findings&);
void regions_are_sound(const Target&, const Survey&, Findings&);
void hosts_clocks_agree(const Target&, const Survey&, Findings&);

// versions.cpp
void version_path(const Target&, const Survey&, Findings&);
void sources_agree(const Target&, const Survey&, Findings&);
void image_is_right(const Target&, const Survey&, Findings&);
void limits_of_old_sources(const Target&, const Survey&, Findings&);

// config.cpp
void config_is_valid(const Target&, const Survey&, Findings&);

// meta_db.cpp
void meta_db_is_ready(const Target&, const Survey&, Findings&);
void ha_can_be_read(const Target&, const Survey&, Findings&);
void backup_fits(const Target&, const Survey&, Findings&);
void clocks_agree(const Target&, const Survey&, Findings&);

// window.cpp
void window_can_open(const Target&, const Survey&, Findings&);

// tasks.cpp
void task_names_are_unique(const Target&, const Survey&, Findings&);
void black_regions_are_known(const Target&, const Survey&, Findings&);

}  // namespace oms::upgrade
