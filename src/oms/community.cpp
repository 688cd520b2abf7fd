#include "oms/community.hpp"

#include <algorithm>
#include <array>

namespace oms {
namespace {

struct Release {
    int major;
    int minor;
    int patch;

    Version version() const { return {major, minor, patch, "CE"}; }
};

/// A documented upgrade: from any of the releases `first` to `last` to `target`.
struct Step {
    Release target;
    Release first;
    Release last;

    bool begins_at(const Version& source) const {
        return source >= first.version() && source <= last.version();
    }
};

/// Nothing leads to 4.1.1-CE: it was for new deployments only. Those marked "not stated" are read
/// carefully: from the release before alone. 4.2.11-CE is documented as a hot upgrade from 4.2.1 on
/// and by OBD from 4.1.1 on; its offline upgrade follows that of 4.2.9-CE, from 4.2.0 on.
constexpr std::array kSteps{
    Step{{4, 1, 0}, {4, 0, 0}, {4, 0, 0}},  // not stated
    Step{{4, 2, 0}, {4, 1, 1}, {4, 1, 1}},
    Step{{4, 2, 1}, {4, 2, 0}, {4, 2, 0}},
    Step{{4, 2, 2}, {4, 2, 1}, {4, 2, 1}},
    Step{{4, 2, 4}, {4, 2, 2}, {4, 2, 2}},  // not stated
    Step{{4, 2, 5}, {4, 2, 4}, {4, 2, 4}},  // not stated
    Step{{4, 2, 6}, {4, 2, 4}, {4, 2, 5}},
    Step{{4, 2, 7}, {4, 2, 6}, {4, 2, 6}},  // not stated
    Step{{4, 2, 8}, {4, 2, 7}, {4, 2, 7}},  // not stated
    Step{{4, 2, 9}, {4, 2, 0}, {4, 2, 8}},
    Step{{4, 2, 10}, {4, 2, 9}, {4, 2, 9}},  // not stated
    Step{{4, 2, 11}, {4, 2, 0}, {4, 2, 10}},
};

constexpr Release kFirstSource{4, 0, 0};

/// The release to go to first, on a way from `source` to `target` that takes the longest steps.
std::optional<Version> first_stop(const Version& source, const Version& target) {
    for (auto step = kSteps.rbegin(); step != kSteps.rend(); ++step) {
        const Version stop = step->target.version();
        if (stop > target || !step->begins_at(source)) continue;
        if (same_release(stop, target) || first_stop(stop, target)) return stop;
    }
    return std::nullopt;
}

std::string last_line(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    const auto start = text.rfind('\n');
    return std::string(start == std::string_view::npos ? text : text.substr(start + 1));
}

}  // namespace

std::optional<PathProblem> check_community_path(const Version& source, const Version& target) {
    const std::string from = to_string(source);
    const std::string to = to_string(target);
    if (source < kFirstSource.version()) {
        return PathProblem{"OMS " + from + " cannot be upgraded to " + to + " directly",
                           "first upgrade to 4.0.0-CE as its documents say, release by release, "
                           "then on from there"};
    }
    const auto stop = first_stop(source, target);
    if (stop && same_release(*stop, target)) return std::nullopt;
    const std::string what = "no document of OMS describes an upgrade from " + from + " to " + to;
    if (stop) return PathProblem{what, "first upgrade to " + to_string(*stop) + ", then to " + to};
    return PathProblem{what,
                       "deploy OMS " + to +
                           " beside this one and make the tasks anew, or set "
                           "spec.targetVersion to a release that " +
                           from + " can be upgraded to"};
}

bool needs_version_row(const Version& target) {
    return is_community(target) && target >= Version{4, 2, 9, "CE"};
}

std::vector<std::string> community_follow_up(const Version& source, const Version& target) {
    if (!needs_version_row(target) || source >= Version{4, 2, 7, "CE"}) return {};
    // Known of 4.2.9-CE (oms-facts 4.3); of later ones nothing says that it was mended.
    return {
        "when the configuration of a Full-Import or Incr-Sync is changed for the first time, "
        "choose "
        "its concurrency too: without it, OMS from 4.2.9-CE on may answer with an internal error"};
}

bool init_has_completed(std::string_view log_tail) {
    constexpr std::array<std::string_view, 2> kEnds{
        "[Completed] All initialization steps are executed", "【结束】全部初始化步骤执行成功"};
    const std::string line = last_line(log_tail);
    return std::any_of(kEnds.begin(), kEnds.end(), [&](std::string_view end) {
        return line.find(end) != std::string::npos;
    });
}

}  // namespace oms
