#include "upgrade/task_survey.hpp"

#include "oms/console_answers.hpp"
#include "oms/tasks.hpp"

#include <algorithm>
#include <set>

namespace oms::upgrade {
namespace {

/// Rows are long: each lists the tables of its task. 150 a page would be allowed.
constexpr std::size_t kPageSize = 50;
constexpr std::size_t kTasksMax = 5000;

constexpr const char* kSayCredentials =
    "make a Secret with username and password of a user of the OMS console, and name it in "
    "spec.console.credentialsSecretRef";

const Version kOpenApiSince{4, 1, 1, ""};
const Version kProgressApiSince{3, 3, 0, ""};

/// The body of a 200 answer. Terminal for any other, or Transient where that may go away.
std::string ask(const Tools& tools, const ConsoleCall& call) {
    const ConsoleAnswer answer = tools.console_call(call);
    constexpr int kOk = 200;
    constexpr int kUnauthorized = 401;
    constexpr int kForbidden = 403;
    constexpr int kServerErrors = 500;
    if (answer.status == kOk) return answer.body;
    const std::string what =
        "the console answered " + std::to_string(answer.status) + " to " + call.url;
    if (answer.status == kUnauthorized || answer.status == kForbidden) {
        throw Terminal(what +
                       ": wrong user or password in the Secret of spec.console, or the account is "
                       "locked. It was asked once, since six wrong passwords lock an account");
    }
    if (answer.status >= kServerErrors) throw Transient(what);
    throw Terminal(what);
}

ConsoleCall action(const Console& console, const std::string& name, std::string body) {
    return {.certificate = console.certificate,
            .url = console.url + "/api/v2?Action=" + name,
            .method = "POST",
            .body = std::move(body)};
}

std::string list_body(const std::string& type, std::size_t page) {
    // Oldest first, so that a task that is made meanwhile moves no other to the next page.
    return R"({"type":")" + type + R"(","visibleSubProject":true,"sortField":"gmtCreate",)" +
           R"("order":"asc","pageNumber":)" + std::to_string(page) + R"(,"pageSize":)" +
           std::to_string(kPageSize) + "}";
}

/// Throws Terminal when the console counts more tasks than it showed.
void shows_all(const ProjectsPage& last, std::size_t shown, const std::string& type) {
    if (!last.total || *last.total <= static_cast<std::int64_t>(shown)) return;
    throw Terminal("the console says that there are " + std::to_string(*last.total) +
                   " tasks of the type " + type + ", and showed " + std::to_string(shown));
}

/// Pages are turned until one is empty: how many rows a page holds at most is up to the server, and
/// what `totalCount` counts is documented in two ways.
std::vector<GateTask> list_tasks(const Tools& tools,
                                 const Console& console,
                                 const std::string& type) {
    std::vector<GateTask> all;
    std::set<std::string> ids;
    for (std::size_t page = 1;; ++page) {
        const ProjectsPage found =
            read_projects(ask(tools, action(console, "ListProjects", list_body(type, page))));
        if (found.tasks.empty()) {
            shows_all(found, all.size(), type);
            return all;
        }
        const std::size_t before = all.size();
        for (const GateTask& task : found.tasks)
            if (ids.insert(task.id).second) all.push_back(task);
        if (all.size() == before)
            throw Terminal("the console shows the same tasks on every page of ListProjects");
        if (all.size() > kTasksMax) {
            throw Terminal("the console shows more than " + std::to_string(kTasksMax) +
                           " tasks, too many to be judged");
        }
    }
}

std::vector<JudgedTask> by_open_api(const Tools& tools, const Console& console) {
    std::vector<JudgedTask> judged;
    for (const std::string type : {"MIGRATION", "SYNC"}) {
        for (GateTask& task : list_tasks(tools, console, type)) {
            task.type = type;
            if (!judge_without_steps(task)) {
                task.steps = read_steps(
                    ask(tools,
                        action(console, "DescribeProjectSteps", R"({"id":")" + task.id + "\"}")));
            }
            GateAnswer answer = judge_task(task);
            judged.push_back({std::move(task), std::move(answer)});
        }
    }
    return judged;
}

bool is_fit_for_url(const std::string& id) {
    constexpr std::string_view kBytes =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    return !id.empty() && id.find_first_not_of(kBytes) == std::string::npos;
}

JudgedTask by_progress(const Tools& tools, const Console& console, const LiveTask& live) {
    const bool migration = live.kind == TaskKind::Migration;
    const std::string url = console.url + "/api/omsp/v2/" + (migration ? "migrations/" : "sync/") +
                            live.id + "/progress";
    GateTask task = read_progress(
        ask(tools, {.certificate = console.certificate, .url = url, .method = "GET", .body = {}}),
        migration ? "MIGRATION" : "SYNC");
    task.id = live.id;
    task.name = live.name;
    GateAnswer answer = judge_task(task);
    return {std::move(task), std::move(answer)};
}

/// What is known of a task of the tables alone: whether it still counts.
JudgedTask by_table(const LiveTask& live, const std::string& why) {
    GateTask task;
    task.id = live.id;
    task.name = live.name;
    task.type = live.kind == TaskKind::Migration ? "MIGRATION" : "SYNC";
    task.status = live.status;
    const auto decided = judge_without_steps(task);
    const bool passes = decided && std::holds_alternative<GatePass>(*decided);
    GateAnswer answer = passes ? *decided : GateAnswer{GateUnknown{why}};
    return {std::move(task), std::move(answer)};
}

std::vector<JudgedTask> by_tables(const Target& target,
                                  const Tools& tools,
                                  const Version& from,
                                  const Console& console,
                                  const std::string& rm_database) {
    const auto live = tools.rm().live_tasks(rm_database, kTasksMax + 1);
    if (live.size() > kTasksMax) {
        throw Terminal("there are more than " + std::to_string(kTasksMax) +
                       " tasks, too many to be judged");
    }
    std::vector<JudgedTask> judged;
    for (const LiveTask& task : live) {
        JudgedTask known =
            by_table(task, "OMS " + to_string(from) + " has no documented way to ask for its step");
        const bool counts = std::holds_alternative<GateUnknown>(known.answer);
        if (counts && from >= kProgressApiSince) {
            if (!target.spec.console_secret) {
                throw Terminal(
                    "the steps of tasks cannot be asked for without a user of the OMS console");
            }
            if (is_fit_for_url(task.id)) known = by_progress(tools, console, task);
        }
        judged.push_back(std::move(known));
    }
    return judged;
}

}  // namespace

TaskSurvey survey_tasks(const Target& target,
                        const Tools& tools,
                        const Version& from,
                        const Console& console,
                        const std::string& rm_database) {
    TaskSurvey found;
    found.error = failure_of([&] {
        if (needs_schema_migration(from)) {
            found.tasks = by_tables(target, tools, from, console, rm_database);
        } else if (from < kOpenApiSince) {
            throw Terminal("OMS " + to_string(from) +
                           " has no documented way to list its tasks: neither tables nor the "
                           "OpenAPI, which came with 4.1.1");
        } else if (!target.spec.console_secret) {
            throw Terminal(
                "the steps of tasks cannot be asked for without a user of the OMS console");
        } else {
            found.tasks = by_open_api(tools, console);
        }
    });
    const bool can_ask =
        from >= kProgressApiSince && (needs_schema_migration(from) || from >= kOpenApiSince);
    if (found.error && can_ask && !target.spec.console_secret) found.remedy = kSayCredentials;
    return found;
}

}  // namespace oms::upgrade
