#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace oms {

/// A program under supervisord, as `supervisorctl status` shows it.
struct Program {
    std::string name;   // "oms_console", or "group:process"
    std::string state;  // "RUNNING", "STARTING", "STOPPED", "BACKOFF", "FATAL", "EXITED", ...

    bool operator==(const Program&) const = default;
};

/// Reads what `supervisorctl status` printed, in its order. Lines that are not about a program
/// (warnings, a refused connection) are passed over, so an unreachable supervisord gives an empty
/// list. Reads the first 1 MiB and 1000 programs.
std::vector<Program> parse_supervisor_status(std::string_view output);

/// The programs of a healthy OMS (kPrograms) that are not RUNNING in the list, each with its
/// state: "oms_console STARTING", "nginx missing". Empty when all run.
std::vector<std::string> programs_not_running(const std::vector<Program>&);

/// The same of a container that holds only components: nobody documents what it runs besides its
/// supervisor, so what is listed must be RUNNING (oms-facts 4.5: GAP).
std::vector<std::string> components_not_running(const std::vector<Program>& programs);

/// Does a program's ini file have supervisord start it when supervisord itself starts? Only a line
/// `autostart = false` says no.
bool starts_by_itself(std::string_view ini);

}  // namespace oms
