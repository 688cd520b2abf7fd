#include "docker/exec.hpp"

#include "base/error.hpp"
#include "docker/raw_stream.hpp"

#include <nlohmann/json.hpp>

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

namespace oms::docker {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using Deadline = std::chrono::steady_clock::time_point;

constexpr std::size_t kOutputMax = 1U << 20U;

/// Asks for a stop when the deadline comes. A transport's timeout would not do: it measures
/// silence, and a command that hangs may go on printing.
class Alarm {
public:
    explicit Alarm(Deadline deadline)
        : thread_([this, deadline](const std::stop_token& cancelled) {
              std::unique_lock lock(mutex_);
              wake_.wait_until(lock, cancelled, deadline, [] { return false; });
              if (!cancelled.stop_requested()) rung_.request_stop();
          }) {}

    std::stop_token token() const { return rung_.get_token(); }

private:
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::stop_source rung_;
    std::jthread thread_;  // last: it uses the others
};

/// Waits for a moment between two looks; false when the deadline has come.
bool pause_before_next_look(Deadline deadline) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable moment;
    moment.wait_until(lock, std::min(deadline, std::chrono::steady_clock::now() + 5ms));
    return std::chrono::steady_clock::now() < deadline;
}

[[noreturn]] void throw_too_late(const std::vector<std::string>& command,
                                 std::chrono::milliseconds timeout) {
    throw Transient("docker: " + (command.empty() ? std::string("a command") : command.front()) +
                    " did not end within " + std::to_string(timeout.count()) +
                    " ms; it may still be running in the container");
}

/// Empty when the container is missing, paused or does not run.
std::optional<std::string> prepare(const EngineApi& api,
                                   const std::string& container_id,
                                   const std::vector<std::string>& command,
                                   bool attach) {
    const json body = {{"Cmd", command}, {"AttachStdout", attach}, {"AttachStderr", attach}};
    const auto response =
        api.send(api.request("POST", "/containers/" + http::encode(container_id) + "/exec", body),
                 {404, 409});
    if (response.status == 404 || response.status == 409) return std::nullopt;
    return parse_answer(response.body, "docker: exec").value("Id", std::string{});
}

/// The output has ended, but the daemon may learn of the exit a moment later.
std::optional<int> exit_code(const EngineApi& api, const std::string& exec_id, Deadline deadline) {
    do {
        const auto state = api.find("/exec/" + http::encode(exec_id) + "/json");
        if (!state) throw Transient("docker: the container went away while a command ran in it");
        const bool ended = !state->value("Running", true);
        if (ended && state->contains("ExitCode") && (*state)["ExitCode"].is_number_integer())
            return (*state)["ExitCode"].get<int>();
    } while (pause_before_next_look(deadline));
    return std::nullopt;
}

}  // namespace

std::optional<runtime::Output> run_command(const EngineApi& api,
                                           const std::string& container_id,
                                           const std::vector<std::string>& command,
                                           std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    const auto exec_id = prepare(api, container_id, command, true);
    if (!exec_id) return std::nullopt;
    auto start = api.request(
        "POST", "/exec/" + http::encode(*exec_id) + "/start", {{"Detach", false}, {"Tty", false}});
    start.timeout = timeout + 10s;  // the alarm comes first
    RawStream output(kOutputMax);
    const Alarm alarm(deadline);
    start.stop = alarm.token();
    const auto on_bytes = [&output](std::string_view bytes) {
        output.feed(bytes);
        return true;
    };
    try {
        const auto response = api.stream(start, on_bytes, {409});
        if (response.status == 409) return std::nullopt;  // it has stopped since
    } catch (const Stopped&) {
        if (!alarm.token().stop_requested()) throw;  // there is no permit any more
        throw_too_late(command, timeout);
    }
    const auto code = exit_code(api, *exec_id, deadline);
    if (!code) throw_too_late(command, timeout);
    return runtime::Output{.exit_code = *code, .out = output.out(), .err = output.err()};
}

void launch_command(const EngineApi& api,
                    const std::string& container_id,
                    const std::vector<std::string>& command) {
    const auto exec_id = prepare(api, container_id, command, false);
    if (!exec_id)
        throw Transient("docker: nothing can be started in a container that does not run");
    api.send(api.request(
        "POST", "/exec/" + http::encode(*exec_id) + "/start", {{"Detach", true}, {"Tty", false}}));
}

}  // namespace oms::docker
