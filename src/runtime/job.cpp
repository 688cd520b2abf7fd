#include "runtime/job.hpp"

#include "base/error.hpp"

#include <charconv>
#include <optional>
#include <sstream>

namespace oms::runtime {
namespace {

using namespace std::chrono_literals;

constexpr auto kAskTimeout = 10s;

// The link is the claim: it either makes `begun`, with its content, or fails because another has.
// The journal is synced before the command starts, since a claim that is lost with the power while
// the command has changed MetaDB would let it run again.
constexpr const char* kWrapper = R"(umask 077
folder=$1; life=$2; work=$3; shift 3
mkdir -p "$folder" && cd "$work" || exit 1
printf '%s %s\n' "$$" "$life" > "$folder/begun.$$" || exit 1
sync "$folder/begun.$$" || exit 1
ln "$folder/begun.$$" "$folder/begun" 2>/dev/null || { rm -f "$folder/begun.$$"; exit 0; }
sync "$folder" || exit 1
"$@" > "$folder/log" 2>&1 < /dev/null
printf '%s\n' "$?" > "$folder/exit.part" && sync "$folder/exit.part"
mv "$folder/exit.part" "$folder/exit"
)";

std::string life_of(const Container& container) {
    return container.started_at ? to_rfc3339(*container.started_at) : "unknown";
}

std::optional<int> exit_code(const Host& host,
                             const Container& container,
                             const std::string& folder) {
    const auto text = host.read_file(container.name, folder + "/exit");
    if (!text) return std::nullopt;
    int code = 0;
    const auto [stop, error] = std::from_chars(text->data(), text->data() + text->size(), code);
    if (error != std::errc{}) {
        throw Terminal("cannot read the exit code of a job: " + folder + "/exit in the container " +
                       container.name + " holds no number");
    }
    return code;
}

JobEnded ended(const Host& host, const Container& container, const std::string& folder, int code) {
    JobEnded end{.exit_code = code, .log_tail = {}};
    if (code == 0) return end;
    const auto tail =
        host.ask(container.name, {"tail", "-c", "2000", folder + "/log"}, kAskTimeout);
    if (tail) end.log_tail = tail->out;
    return end;
}

// Ends with the process, or with 0 when that outlives so many times 50 ms.
constexpr const char* kOutlive = R"(left=$1
while kill -0 "$0" 2>/dev/null; do
    [ "$left" -gt 0 ] || exit 0
    left=$((left - 1))
    sleep 0.05
done
exit 1
)";

bool is_alive(const Host& host,
              const Container& container,
              const std::string& pid,
              std::chrono::milliseconds patience) {
    const std::string rounds = std::to_string(patience / 50ms);
    const auto answer =
        host.ask(container.name, {"sh", "-c", kOutlive, pid, rounds}, kAskTimeout + patience);
    return answer && answer->exit_code == 0;
}

}  // namespace

JobState look_at_job(const Host& host,
                     const Container& container,
                     const std::string& folder,
                     std::chrono::milliseconds patience) {
    // First, as it is asked for most often before it is there: each file that is read is work for
    // the daemon.
    const auto begun = host.read_file(container.name, folder + "/begun");
    if (!begun) return JobNotBegun{};
    if (const auto code = exit_code(host, container, folder))
        return ended(host, container, folder, *code);

    std::istringstream words(*begun);
    std::string pid;
    std::string life;
    words >> pid >> life;
    if (life == life_of(container) && is_alive(host, container, pid, patience)) return JobRunning{};
    // It may have ended between the two looks.
    if (const auto code = exit_code(host, container, folder))
        return ended(host, container, folder, *code);
    return JobInterrupted{};
}

void start_job(Host& host,
               const Container& container,
               const std::string& folder,
               const std::string& working_folder,
               const std::vector<std::string>& command) {
    std::vector<std::string> words{
        "sh", "-c", kWrapper, "sh", folder, life_of(container), working_folder};
    words.insert(words.end(), command.begin(), command.end());
    host.launch(container.name, words);
}

}  // namespace oms::runtime
