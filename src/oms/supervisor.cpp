#include "oms/supervisor.hpp"

#include "oms/names.hpp"

#include <algorithm>
#include <array>

namespace oms {
namespace {

constexpr std::size_t kBytesMax = 1U << 20U;
constexpr std::size_t kProgramsMax = 1000;

// supervisor's own list (supervisord.org, "Process States"). A second word that is none of these
// belongs to a message.
constexpr std::array<std::string_view, 8> kStates{
    "STOPPED", "STARTING", "RUNNING", "BACKOFF", "STOPPING", "EXITED", "FATAL", "UNKNOWN"};

std::string_view take_word(std::string_view& line) {
    constexpr std::string_view kSpace = " \t\r";
    line.remove_prefix(std::min(line.find_first_not_of(kSpace), line.size()));
    const auto word = line.substr(0, line.find_first_of(kSpace));
    line.remove_prefix(word.size());
    return word;
}

}  // namespace

std::vector<Program> parse_supervisor_status(std::string_view output) {
    std::vector<Program> programs;
    output = output.substr(0, kBytesMax);
    while (!output.empty() && programs.size() < kProgramsMax) {
        auto line = output.substr(0, output.find('\n'));
        output.remove_prefix(std::min(line.size() + 1, output.size()));
        const auto name = take_word(line);
        const auto state = take_word(line);
        if (std::find(kStates.begin(), kStates.end(), state) != kStates.end())
            programs.push_back({std::string(name), std::string(state)});
    }
    return programs;
}

std::vector<std::string> programs_not_running(const std::vector<Program>& programs) {
    std::vector<std::string> missing;
    for (const auto wanted : kPrograms) {
        const auto found = std::find_if(
            programs.begin(), programs.end(), [&](const Program& p) { return p.name == wanted; });
        if (found == programs.end()) {
            missing.push_back(std::string(wanted) + " missing");
        } else if (found->state != "RUNNING") {
            missing.push_back(found->name + " " + found->state);
        }
    }
    return missing;
}

std::vector<std::string> components_not_running(const std::vector<Program>& programs) {
    std::vector<std::string> missing;
    bool supervisor = false;
    for (const Program& program : programs) {
        supervisor = supervisor || program.name == kSupervisorProgram;
        if (program.state != "RUNNING") missing.push_back(program.name + " " + program.state);
    }
    if (!supervisor) missing.push_back(std::string(kSupervisorProgram) + " missing");
    return missing;
}

bool starts_by_itself(std::string_view ini) {
    ini = ini.substr(0, kBytesMax);
    while (!ini.empty()) {
        auto line = ini.substr(0, ini.find('\n'));
        ini.remove_prefix(std::min(line.size() + 1, ini.size()));
        std::string bare;
        for (const char c : line)
            if (c != ' ' && c != '\t' && c != '\r') bare += c;
        if (bare == "autostart=false") return false;
    }
    return true;
}

}  // namespace oms
