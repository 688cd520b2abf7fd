#include "oms/console_answers.hpp"

#include "base/error.hpp"
#include "base/utf8.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace oms {
namespace {

using Value = nlohmann::json;

constexpr std::size_t kQuotedMax = 200;
// Names of tasks go into messages, ids into names of findings.
constexpr std::size_t kNameMax = 128;
constexpr std::size_t kIdBytesMax = 64;

[[noreturn]] void reject(const std::string& what) {
    throw Terminal("the console's answer cannot be used: " + what);
}

const Value* find(const Value& object, const char* key) {
    const auto at = object.find(key);
    return at == object.end() || at->is_null() ? nullptr : &*at;
}

std::optional<std::string> text(const Value& object, const char* key) {
    const Value* value = find(object, key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) reject(std::string(key) + " is not a text");
    return value->get<std::string>();
}

std::optional<std::int64_t> number(const Value& object, const char* key) {
    const Value* value = find(object, key);
    if (value == nullptr) return std::nullopt;
    if (value->is_number_integer()) return value->get<std::int64_t>();
    std::int64_t read = 0;
    const auto* digits = value->get_ptr<const std::string*>();
    if (digits == nullptr) reject(std::string(key) + " is not a whole number");
    const char* end = digits->data() + digits->size();
    const auto [stop, error] = std::from_chars(digits->data(), end, read);
    if (error != std::errc{} || stop != end) reject(std::string(key) + " is not a whole number");
    return read;
}

std::optional<bool> yes(const Value& object, const char* key) {
    const Value* value = find(object, key);
    if (value == nullptr) return std::nullopt;
    if (value->is_boolean()) return value->get<bool>();
    if (*value == "true") return true;
    if (*value == "false") return false;
    reject(std::string(key) + " is neither true nor false");
}

/// It becomes a part of a URL and of a finding's name.
std::string checked_id(const Value& object) {
    constexpr std::string_view kBytes =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    std::string id = text(object, "id").value_or("");
    if (id.empty() || id.size() > kIdBytesMax || id.find_first_not_of(kBytes) != std::string::npos)
        reject("a task has no id, or one that is no id");
    return id;
}

std::optional<int> percent(const Value& object, const char* key) {
    const auto found = number(object, key);
    if (!found) return std::nullopt;
    constexpr std::int64_t kMost = 1'000'000;
    return static_cast<int>(std::clamp<std::int64_t>(*found, -1, kMost));
}

/// `data` of an answer that says it succeeded, and the answer.
struct Opened {
    Value answer;
    const Value& data() const { return answer.at("data"); }
};

Opened open(std::string_view body, Value::value_t wanted) {
    Value answer = Value::parse(body, nullptr, /*allow_exceptions=*/false);
    if (!answer.is_object())
        reject("it is no JSON object: " + first_characters(std::string(body), kQuotedMax));
    if (yes(answer, "success") != true) {
        throw Terminal("the console refused: " + text(answer, "code").value_or("no code") + " " +
                       first_characters(text(answer, "message").value_or(""), kQuotedMax));
    }
    const Value* data = find(answer, "data");
    if (data == nullptr || data->type() != wanted) reject("its data is not as documented");
    return {std::move(answer)};
}

std::vector<TaskStep> steps_in(const Value& list) {
    std::vector<std::pair<std::int64_t, TaskStep>> found;
    for (const Value& step : list) {
        if (!step.is_object()) reject("a step is not an object");
        found.emplace_back(number(step, "order").value_or(0),
                           TaskStep{.name = text(step, "name").value_or(""),
                                    .status = text(step, "status").value_or(""),
                                    .progress = percent(step, "progress")});
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& one, const auto& other) {
        return one.first < other.first;
    });
    std::vector<TaskStep> steps;
    steps.reserve(found.size());
    for (auto& [order, step] : found) steps.push_back(std::move(step));
    return steps;
}

GateTask task_in(const Value& row) {
    if (!row.is_object()) reject("a task is not an object");
    GateTask task{.id = checked_id(row),
                  .name = first_characters(text(row, "name").value_or(""), kNameMax),
                  .type = text(row, "type").value_or(""),
                  .status = text(row, "status").value_or(""),
                  .full = yes(row, "enableFullTransfer"),
                  .incremental = yes(row, "enableIncrTransfer"),
                  .reverse = yes(row, "enableReverseIncrTransfer"),
                  .current_step = {},
                  .steps = {},
                  .is_sub_task = yes(row, "isSubProject").value_or(false)};
    if (const Value* steps = find(row, "steps"); steps != nullptr && steps->is_array())
        task.steps = steps_in(*steps);
    return task;
}

}  // namespace

ProjectsPage read_projects(std::string_view body) {
    const Opened opened = open(body, Value::value_t::array);
    ProjectsPage page{.tasks = {}, .total = number(opened.answer, "totalCount")};
    for (const Value& row : opened.data()) page.tasks.push_back(task_in(row));
    return page;
}

std::vector<TaskStep> read_steps(std::string_view body) {
    return steps_in(open(body, Value::value_t::array).data());
}

GateTask read_progress(std::string_view body, std::string_view type) {
    const Opened opened = open(body, Value::value_t::object);
    const Value& data = opened.data();
    const bool migration = type == "MIGRATION";
    GateTask task{.id = {},
                  .name = {},
                  .type = std::string(type),
                  .status = text(data, "status").value_or(""),
                  .full = yes(data, migration ? "enableFullMigration" : "enableFullSync"),
                  .incremental = yes(data, "enableIncrSync"),
                  .reverse = migration ? yes(data, "enableReverseIncrSync") : false,
                  .current_step = text(data, "currentStep"),
                  .steps = {},
                  .is_sub_task = false};
    // It has no list of steps. Of the full migration it tells how far it is, which is complete when
    // all of it is done and the task has gone on.
    const auto full = percent(data, "fullMigrationProgress");
    if (migration && full && task.current_step && task.incremental == false) {
        constexpr int kAll = 100;
        const bool at_it = *task.current_step == "FULL_MIGRATION";
        const bool over = *full == kAll && (!at_it || task.status == "FINISHED");
        const std::string begun = at_it ? task.status : "INIT";
        task.steps.push_back({"FULL_MIGRATION", over ? "FINISHED" : begun, full});
    }
    return task;
}

}  // namespace oms
