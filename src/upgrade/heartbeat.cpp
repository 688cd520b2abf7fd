#include "upgrade/heartbeat.hpp"

namespace oms::upgrade {
namespace {

using metadb::HeartbeatStatement;
using metadb::HeartbeatTables;

NextStatement with_sequence(const HeartbeatTables& tables) {
    const auto& sequence = *tables.sequence;
    if (tables.aside) {
        if (sequence.newest_id < tables.aside->newest_id) {
            return "heatbeat_sequence has lost ids: its newest is " +
                   std::to_string(sequence.newest_id) + ", heatbeat_sequence_bak2 holds " +
                   std::to_string(tables.aside->newest_id) +
                   "; copy that newest row over, then drop heatbeat_sequence_bak2";
        }
        return HeartbeatStatement::DropOriginal;
    }
    if (tables.copy) {
        const bool has_newest =
            tables.copy->rows > 0 && tables.copy->newest_id >= sequence.newest_id;
        if (!has_newest && sequence.rows > 0) return HeartbeatStatement::FillCopy;
        return HeartbeatStatement::MoveOriginalAside;
    }
    if (sequence.rows > 1) return HeartbeatStatement::CreateCopy;
    return std::monostate{};
}

}  // namespace

NextStatement next_statement(const HeartbeatTables& tables) {
    if (tables.sequence) return with_sequence(tables);
    const bool copy_is_filled =
        tables.copy && (!tables.aside || tables.copy->newest_id >= tables.aside->newest_id);
    if (copy_is_filled) return HeartbeatStatement::MoveCopyIn;
    if (tables.aside) {
        return "heatbeat_sequence is missing and no filled copy of it is there; rename "
               "heatbeat_sequence_bak2 back to heatbeat_sequence";
    }
    return "there is no heatbeat_sequence table; is this the heartbeat database of OMS?";
}

}  // namespace oms::upgrade
