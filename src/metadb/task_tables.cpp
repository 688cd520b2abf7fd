#include "metadb/task_tables.hpp"

#include "metadb/oms_tables.hpp"
#include "metadb/text.hpp"

#include <algorithm>
#include <charconv>

namespace oms::metadb {
namespace {

/// What the procedure counts: a name is shared by those that are not deleted.
constexpr const char* kLive = "project_status <> 'DELETED'";

std::size_t length_of_names(Session& session, const std::string& database, TaskKind kind) {
    const auto text = session.value(
        "SELECT character_maximum_length FROM information_schema.columns "
        "WHERE table_schema = " +
        quote_text(database) + " AND table_name = " + quote_text(task_table(kind)) +
        " AND column_name = 'project_name'");
    std::size_t length = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), length);
    return length;
}

void read_kind(Session& session,
               const std::string& database,
               TaskKind kind,
               std::vector<SharedName>& shared) {
    if (!has_table(session, database, task_table(kind))) return;
    const std::string table = quote_name(database, task_table(kind));
    // Joined and not GROUP_CONCAT, whose answer the server cuts at 1024 bytes.
    const auto rows = session.query(
        "SELECT shared.first_id, task.id, task.project_name FROM " + table +
        " task JOIN (SELECT project_name, MIN(id) AS first_id FROM " + table + " WHERE " + kLive +
        " GROUP BY project_name HAVING COUNT(*) > 1) shared "
        "ON task.project_name = shared.project_name WHERE task." +
        kLive + " ORDER BY shared.first_id, task.id");
    const std::size_t length = rows.empty() ? 0 : length_of_names(session, database, kind);
    std::optional<std::string> last;
    for (const Row& row : rows) {
        if (row[0] != last) shared.push_back({.kind = kind, .length_max = length, .tasks = {}});
        last = row[0];
        shared.back().tasks.push_back({row[1].value_or(""), row[2].value_or("")});
    }
}

}  // namespace

std::vector<SharedName> read_shared_task_names(Session& session, const std::string& rm_database) {
    std::vector<SharedName> shared;
    for (const TaskKind kind : {TaskKind::Migration, TaskKind::Synchronization})
        read_kind(session, rm_database, kind, shared);
    return shared;
}

std::optional<std::string> read_task_name(Session& session,
                                          const std::string& rm_database,
                                          TaskKind kind,
                                          const std::string& id) {
    if (!has_table(session, rm_database, task_table(kind))) return std::nullopt;
    return session.value("SELECT project_name FROM " + quote_name(rm_database, task_table(kind)) +
                         " WHERE id = " + quote_text(id));
}

void rename_task(Session& session,
                 const std::string& rm_database,
                 TaskKind kind,
                 const std::string& id,
                 const std::string& from,
                 const std::string& to) {
    session.execute("UPDATE " + quote_name(rm_database, task_table(kind)) +
                    " SET project_name = " + quote_text(to) + " WHERE id = " + quote_text(id) +
                    " AND BINARY project_name = BINARY " + quote_text(from));
}

std::vector<LiveTask> read_live_tasks(Session& session,
                                      const std::string& rm_database,
                                      std::size_t most) {
    std::vector<LiveTask> tasks;
    for (const TaskKind kind : {TaskKind::Migration, TaskKind::Synchronization}) {
        if (!has_table(session, rm_database, task_table(kind))) continue;
        for (const Row& row : session.query("SELECT id, project_name, project_status FROM " +
                                            quote_name(rm_database, task_table(kind)) + " WHERE " +
                                            kLive + " ORDER BY id LIMIT " +
                                            std::to_string(most - std::min(most, tasks.size())))) {
            tasks.push_back({.kind = kind,
                             .id = row[0].value_or(""),
                             .name = row[1].value_or(""),
                             .status = row[2].value_or("")});
        }
    }
    return tasks;
}

std::vector<std::string> read_black_region_jobs(Session& session,
                                                const std::string& cm_database,
                                                const std::vector<int>& cm_locations) {
    std::vector<std::string> jobs;
    if (!has_table(session, cm_database, "config_job")) return jobs;
    std::string locations;
    for (const int location : cm_locations)
        locations += (locations.empty() ? "'" : ", '") + std::to_string(location) + "'";
    for (const Row& row :
         session.query("SELECT id, `value` FROM " + quote_name(cm_database, "config_job") +
                       " WHERE `key` = 'sourceFile.blackRegionNo' AND `value` NOT IN (" +
                       locations + ") ORDER BY id"))
        jobs.push_back("id " + row[0].value_or("?") + ": " + row[1].value_or(""));
    return jobs;
}

}  // namespace oms::metadb
