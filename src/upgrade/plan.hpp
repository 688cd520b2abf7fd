#pragma once

#include "api/validate.hpp"
#include "upgrade/phases/approve.hpp"
#include "upgrade/phases/backup_meta_db.hpp"
#include "upgrade/phases/compact_heartbeat.hpp"
#include "upgrade/phases/confirm.hpp"
#include "upgrade/phases/disable_ha.hpp"
#include "upgrade/phases/enable_ha.hpp"
#include "upgrade/phases/load_image.hpp"
#include "upgrade/phases/migrate_config.hpp"
#include "upgrade/phases/migrate_schema.hpp"
#include "upgrade/phases/precheck.hpp"
#include "upgrade/phases/record_version.hpp"
#include "upgrade/phases/rename_tasks.hpp"
#include "upgrade/phases/separate_cm.hpp"
#include "upgrade/phases/start_oms.hpp"
#include "upgrade/phases/stop_oms.hpp"
#include "upgrade/phases/upgrade_components.hpp"
#include "upgrade/phases/upgrade_metadata.hpp"
#include "upgrade/phases/verify.hpp"

#include <algorithm>
#include <array>

namespace oms::upgrade {

/// The whole upgrade. A rollback is the same list, walked backwards.
inline constexpr std::array kPlan{
    phase<Precheck>(),
    phase<LoadImage>(),
    phase<Approve>(),
    phase<DisableHA>(),
    phase<UpgradeComponents>(),
    phase<StopOMS>(),
    phase<CompactHeartbeat>(),
    phase<BackupMetaDB>(),
    phase<RenameTasks>(),
    phase<SeparateCM>(),
    phase<MigrateConfig>(),
    phase<StartOMS>(),
    phase<MigrateSchema>(),
    phase<RecordVersion>(),
    phase<UpgradeMetadata>(),
    phase<Verify>(),
    phase<EnableHA>(),
    phase<Confirm>(),
};

// A deadline can be asked for every phase, and for nothing else.
static_assert(std::ranges::equal(kPlan, api::kPhases, {}, &Phase::name));

}  // namespace oms::upgrade
