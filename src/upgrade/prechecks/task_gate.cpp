#include "base/overloaded.hpp"
#include "upgrade/prechecks/rules.hpp"

#include <algorithm>

namespace oms::upgrade {
namespace {

constexpr const char* kTaskGate = "TaskGate";
/// A finding can be waived for each, and some more are shown.
constexpr std::size_t kShownMax = 50;

std::string name_of(const GateTask& task) {
    return std::string(kTaskGate) + "/" + task.id;
}

void add_task(const JudgedTask& judged, Findings& all) {
    const std::string name = name_of(judged.task);
    const std::string title = title_of(judged.task);
    std::visit(
        Overloaded{
            [](const GatePass&) {},
            [&](const GateBlocked& blocked) {
                add(all,
                    name,
                    title + " is at " + blocked.step + "; it must " + blocked.must +
                        " before the CM database is separated",
                    "let it proceed in the console, and begin again; or waive " + name);
            },
            [&](const GateUnknown& unknown) {
                add(all,
                    name,
                    "whether " + title + " has proceeded far enough cannot be told: " + unknown.why,
                    "look at it in the console; if the procedure's table lets it pass, "
                    "waive " +
                        name);
            },
        },
        judged.answer);
}

}  // namespace

void tasks_have_proceeded(const Target& target, const Survey& found, Findings& all) {
    if (!found.tasks) return;
    if (found.tasks->error) {
        add(all,
            kTaskGate,
            found.tasks->error->what,
            found.tasks->remedy.value_or(
                "mend that; or look at every task in the console, and waive TaskGate if all of "
                "them have proceeded as the procedure's table asks"));
        return;
    }
    const auto& waive = target.spec.prechecks.waive;
    const auto is_waived = [&](const JudgedTask* one) {
        return std::find(waive.begin(), waive.end(), name_of(one->task)) != waive.end();
    };
    std::vector<const JudgedTask*> stopping;
    for (const auto& one : found.tasks->tasks)
        if (!std::holds_alternative<GatePass>(one.answer)) stopping.push_back(&one);
    // A waived one must not push one that stops the upgrade out of the list.
    const auto first_waived = std::stable_partition(
        stopping.begin(), stopping.end(), [&](const auto* one) { return !is_waived(one); });
    const auto open = static_cast<std::size_t>(first_waived - stopping.begin());
    for (std::size_t i = 0; i < std::min(stopping.size(), kShownMax); ++i)
        add_task(*stopping[i], all);
    if (open > kShownMax) {
        add(all,
            kTaskGate,
            std::to_string(open - kShownMax) + " more tasks have not proceeded far enough",
            "let them proceed in the console, and begin again");
    }
}

}  // namespace oms::upgrade
