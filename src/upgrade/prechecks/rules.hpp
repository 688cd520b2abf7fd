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

/// Where a person says what a node is: "spec.nodes[1]", which a discovered one does not have yet.
std::string entry_of(const Target&, std::size_t node);

// hosts.cpp
void hosts_answer(const Target&, const Survey&, Findings&);
void containers_run(const Target&, const Survey&, Findings&);
void new_name_is_free(const Target&, const Survey&, Findings&);
void mounts_are_there(const Target&, const Survey&, Findings&);

// by_hand.cpp
inline constexpr auto kBegunByHand = "BegunByHand";
void nothing_was_begun(const Target&, const Survey&, Findings&);
void ha_is_on_before(const Target&, const Survey&, Findings&);

/// Is it a container, other than the old one, in which a version of OMS has run on the files of
/// this OMS or was to run, and that no run of ours has taken back?
bool is_of_new_version(const Target&, const NodeSurvey&, const runtime::Container&);

/// Does one of those run now?
bool new_version_runs(const Target&, const Survey&);

/// Does MetaDB say that it is of the target version, while the old container is older?
bool meta_db_is_of_target(const Target&, const Survey&);

// components.cpp
void tasks_can_be_kept(const Target&, const Survey&, Findings&);

// discovery.cpp
void others_are_discovered(const Target&, const Survey&, Findings&);

// site.cpp
void every_node_is_listed(const Target&, const Survey&, Findings&);
void regions_are_sound(const Target&, const Survey&, Findings&);
void hosts_clocks_agree(const Target&, const Survey&, Findings&);

// versions.cpp
void version_path(const Target&, const Survey&, Findings&);
void sources_agree(const Target&, const Survey&, Findings&);
void image_is_right(const Target&, const Survey&, Findings&);
void limits_of_old_sources(const Target&, const Survey&, Findings&);

// images.cpp
void image_is_of_the_edition(const Target&, const Survey&, Findings&);
void archive_is_right(const Target&, const Survey&, Findings&);

// https.cpp
void https_can_be_spoken(const Target&, const Survey&, Findings&);
void oat_keeps_the_keys(const Target&, const Survey&, Findings&);

// config.cpp
void config_is_valid(const Target&, const Survey&, Findings&);

// separate_cm.cpp
void cm_can_be_separated(const Target&, const Survey&, Findings&);

// task_gate.cpp
void tasks_have_proceeded(const Target&, const Survey&, Findings&);

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
