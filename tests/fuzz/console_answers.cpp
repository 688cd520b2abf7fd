// What the console, supervisord and the health endpoint answer.

#include "oms/console_answers.hpp"

#include "fuzz/fuzz.hpp"
#include "oms/health.hpp"
#include "oms/supervisor.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oms;
    const std::string_view text = fuzz::text_of(data, size);
    fuzz::tolerate([&] { read_steps(text); });
    fuzz::tolerate([&] { is_healthy(text); });
    fuzz::tolerate([&] { programs_not_running(parse_supervisor_status(text)); });
    fuzz::tolerate([&] { starts_by_itself(text); });
    return 0;
}
