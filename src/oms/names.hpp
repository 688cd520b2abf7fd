#pragma once

#include "oms/version.hpp"

#include <array>
#include <string>
#include <string_view>

/// Names that OMS gives its parts. Each says where it is written down.
namespace oms {

/// "oms_431" for 4.3.1 (procedure, table under `docker run`).
std::string default_container_name(const Version&);

// Tables of the cm heartbeat database (procedure, "Log in to the CM heartbeat database"). Yes,
// "heatbeat": that is how OMS spells them.
inline constexpr std::string_view kHeartbeatTable = "heatbeat_sequence";
inline constexpr std::string_view kHeartbeatCopy = "heatbeat_sequence_bak";
inline constexpr std::string_view kHeartbeatAside = "heatbeat_sequence_bak2";

// Paths inside the container (procedure, `docker run`; "default directories in the container and
// cannot be modified").
inline constexpr std::string_view kConfigPath = "/home/admin/conf/config.yaml";
inline constexpr std::string_view kLogsPath = "/home/admin/logs";
inline constexpr std::string_view kStorePath = "/home/ds/store";
inline constexpr std::string_view kRunPath = "/home/ds/run";
inline constexpr std::string_view kHttpsCertificatePath = "/etc/pki/nginx/oms_server.crt";
inline constexpr std::string_view kHttpsKeyPath = "/etc/pki/nginx/oms_server.key";

/// The three mounts every OMS container has beside config.yaml (procedure, "The three disk mount
/// paths of OMS").
inline constexpr std::array kDataPaths{kLogsPath, kStorePath, kRunPath};

// Environment of the container (procedure, `docker run`; oms-facts 4.1: upper case matters).
inline constexpr std::string_view kHostIpVariable = "OMS_HOST_IP";
inline constexpr std::string_view kIsUpgradeVariable = "IS_UPGRADE";

// Scripts (procedure, "Run the sh /root/docker_upgrade.sh command"; oms-facts 4.2 for the older
// one).
inline constexpr std::string_view kScriptFolder = "/root";
inline constexpr std::string_view kUpgradeScript = "/root/docker_upgrade.sh";
inline constexpr std::string_view kInitScript = "/root/docker_init.sh";
/// Not empty once an initialization has succeeded in this container (oms-facts 0.12).
inline constexpr std::string_view kInitFlag = "/root/init_flag.txt";

// How a component container is upgraded while it runs (procedure, "The following procedure
// describes how to upgrade the component container"). The folder is on the mount of kRunPath; the
// assistant image puts its payload there, at kToolPath of its own container.
inline constexpr std::string_view kComponentScript = "support_upgrade_action.sh";
inline constexpr std::string_view kComponentScriptFolder = "/home/ds/run/rpm";
inline constexpr std::string_view kToolContainer = "oms-upgrade-tool";
inline constexpr std::string_view kToolPath = "/root/rpm";

// Programs under supervisord (oms-facts 5.1: nginx, oms_console, oms_drc_cm, oms_drc_supervisor
// and sshd are RUNNING in a healthy OMS).
inline constexpr std::string_view kConsoleProgram = "oms_console";
inline constexpr std::string_view kCmProgram = "oms_drc_cm";
inline constexpr std::string_view kSupervisorProgram = "oms_drc_supervisor";
inline constexpr std::array<std::string_view, 5> kPrograms{
    "nginx", kConsoleProgram, kCmProgram, kSupervisorProgram, "sshd"};

/// Where supervisord reads how the console is started (oms-facts 5.1).
inline constexpr std::string_view kConsoleIni = "/etc/supervisor/conf.d/oms_console.ini";

/// Where the console answers for its health (oms-facts 0.5), on OmsPorts::console.
inline constexpr std::string_view kHealthPath = "/oms/health";

// The row of the rm database that holds ha.config (oms-facts 0.1).
inline constexpr std::string_view kHaConfigTable = "oms_normal_config";
inline constexpr std::string_view kHaConfigName = "ha.config";

}  // namespace oms
