#include "oms/names.hpp"

#include "catch.hpp"
#include "oms/health.hpp"
#include "oms/supervisor.hpp"

#include <string>
#include <vector>

namespace oms {
namespace {

TEST_CASE("a container is named for its version, as in the procedure", "[oms]") {
    CHECK(default_container_name({4, 3, 1, ""}) == "oms_431");
    CHECK(default_container_name({4, 2, 11, "CE"}) == "oms_4211");
}

TEST_CASE("supervisorctl's table is read, and its messages are not", "[oms]") {
    const auto programs = parse_supervisor_status(
        "nginx                            RUNNING   pid 89, uptime 0:01:02\n"
        "oms_console                      STARTING  \r\n"
        "oms_drc_cm                       STOPPED   Not started\n"
        "\n"
        "unix:///var/run/supervisor.sock refused connection\n"
        "error: <class 'socket.error'>, [Errno 2] No such file\n"
        "group:worker_00                  FATAL     Exited too quickly (process log may have "
        "details)\n"
        "sshd RUNNING");
    const std::vector<Program> expected{{"nginx", "RUNNING"},
                                        {"oms_console", "STARTING"},
                                        {"oms_drc_cm", "STOPPED"},
                                        {"group:worker_00", "FATAL"},
                                        {"sshd", "RUNNING"}};
    CHECK(programs == expected);
    CHECK(programs_not_running(programs) == std::vector<std::string>{"oms_console STARTING",
                                                                     "oms_drc_cm STOPPED",
                                                                     "oms_drc_supervisor missing"});
}

TEST_CASE("OMS runs when its five programs do, whatever else is there", "[oms]") {
    std::string output;
    for (const auto program : kPrograms) output += std::string(program) + "  RUNNING pid 1\n";
    CHECK(programs_not_running(parse_supervisor_status(output + "crond  STOPPED\n")).empty());
    CHECK(programs_not_running(parse_supervisor_status("")).size() == kPrograms.size());
}

TEST_CASE("a table without end is read up to a limit", "[oms]") {
    std::string output;
    for (int i = 0; i < 5000; ++i) output += "p" + std::to_string(i) + " RUNNING\n";
    CHECK(parse_supervisor_status(output).size() == 1000);
    CHECK(parse_supervisor_status(std::string(3U << 20U, 'x')).empty());
}

TEST_CASE("OMS is healthy only when it says so in so many words", "[oms]") {
    CHECK(is_healthy(R"({"data":{"healthy":true}})"));
    CHECK(is_healthy(R"({"success":true,"data":{"x":[1,{}],"healthy":true},"code":"200"})"));
    for (const char* body : {"",
                             "true",
                             "{}",
                             "[]",
                             "null",
                             R"({"healthy":true})",
                             R"({"data":true})",
                             R"({"data":{"healthy":"true"}})",
                             R"({"data":{"healthy":1}})",
                             R"({"data":{"healthy":false}})",
                             R"({"data":[{"healthy":true}]})",
                             R"({"data":{"healthy":true})",
                             R"({"data":{"healthy":true}} and more)",
                             "<html>502 Bad Gateway</html>",
                             "\xff\xfe"}) {
        INFO(body);
        CHECK_FALSE(is_healthy(body));
    }
    CHECK_FALSE(is_healthy(R"({"data":{"healthy":true}})" + std::string(70000, ' ')));
    CHECK_FALSE(is_healthy(std::string(60000, '[')));
}

}  // namespace
}  // namespace oms
