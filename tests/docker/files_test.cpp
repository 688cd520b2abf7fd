#include "base/base64.hpp"
#include "base/error.hpp"
#include "catch.hpp"
#include "docker/container_files.hpp"
#include "docker/file_swap.hpp"
#include "docker/recorded.hpp"
#include "docker/script.hpp"

#include <map>

namespace oms::docker {
namespace {

using fakes::reply;
using fakes::Script;
using Kind = PathStat::Kind;

std::string stat_header(std::uint64_t mode, std::size_t size, const std::string& link = {}) {
    return to_base64(
        nlohmann::json{{"name", "x"}, {"size", size}, {"mode", mode}, {"linkTarget", link}}.dump());
}

constexpr std::uint64_t kLink = std::uint64_t{1} << 27U;
constexpr std::uint64_t kFolder = std::uint64_t{1} << 31U;
constexpr std::uint64_t kPipe = std::uint64_t{1} << 25U;

TEST_CASE("the daemon's description of a path is read", "[docker]") {
    // Word for word from a real one: {"name":"config.yaml","size":3,"mode":420,...}
    const PathStat real = read_path_stat(
        "eyJuYW1lIjoiY29uZmlnLnlhbWwiLCJzaXplIjozLCJtb2RlIjo0MjAsIm10aW1lIjoiMjAyNi0xMS0yM1QwNjo0Nz"
        "oxMC4yMDY1NTEzMTdaIiwibGlua1RhcmdldCI6IiJ9");
    CHECK(real.kind == Kind::File);
    CHECK(real.size == 3);
    CHECK(read_path_stat(stat_header(kLink | 0777U, 1, "/y")).link_target == "/y");
    CHECK(read_path_stat(stat_header(kFolder | 0755U, 1)).kind == Kind::Folder);
    CHECK(read_path_stat(stat_header(kPipe | 0644U, 0)).kind == Kind::Other);
    for (const char* odd : {"", "%%%", "e30=", "W10="})
        CHECK_THROWS_AS(read_path_stat(odd), Terminal);
}

/// A container with a few paths in it: what HEAD says of each, and what is in the files.
struct World {
    std::map<std::string, std::string> stats;
    std::map<std::string, std::string> files;

    EngineApi api() {
        return EngineApi(std::make_unique<Script>(seen, [this](const http::Request& request) {
            const auto at = request.target.find("path=");
            const std::string path = decoded(request.target.substr(at + 5));
            if (!stats.contains(path)) return reply(404);
            http::Response response = reply(200);
            response.headers = {{"X-Docker-Container-Path-Stat", stats[path]}};
            if (request.method == "GET")
                response.body = write_tar({.name = "x", .content = files[path], .target = {}});
            return response;
        }));
    }
    static std::string decoded(std::string text) {
        for (auto at = text.find("%2F"); at != std::string::npos; at = text.find("%2F"))
            text.replace(at, 3, "/");
        return text;
    }
    std::vector<http::Request> seen;
};

TEST_CASE("a file is read where its links lead", "[docker]") {
    World world;
    world.stats = {{"/conf/a", stat_header(kLink, 1, "../real/b")},
                   {"/real/b", stat_header(kLink, 1, "/real/c")},
                   {"/real/c", stat_header(0644, 4)},
                   {"/round", stat_header(kLink, 1, "/round")},
                   {"/nowhere", stat_header(kLink, 1, "/gone")},
                   {"/folder", stat_header(kFolder, 0)}};
    world.files = {{"/real/c", "here"}};
    const EngineApi api = world.api();
    CHECK(fetch_file(api, "oms", "/conf/a", 100)->content == "here");
    CHECK_FALSE(fetch_file(api, "oms", "/nowhere", 100).has_value());
    CHECK_FALSE(fetch_file(api, "oms", "/missing", 100).has_value());
    CHECK_THROWS_AS(fetch_file(api, "oms", "/round", 100), Terminal);
    CHECK_THROWS_AS(fetch_file(api, "oms", "/folder", 100), Terminal);
    CHECK_THROWS_AS(fetch_file(api, "oms", "/conf/a", 3), Terminal);
    world.files["/real/c"] = "it has grown";  // since it was described
    CHECK_THROWS_AS(fetch_file(api, "oms", "/conf/a", 4), Terminal);
}

TEST_CASE("a path of a container is found on its host by the closest mount", "[docker]") {
    runtime::Container container;
    container.name = "oms";
    container.mounts = {{"/data/oms", "/home/admin", false},
                        {"/data/config.yaml", "/home/admin/conf/config.yaml", false},
                        {"/data/admin2", "/home/admin2", false}};
    CHECK(host_path_of(container, "/home/admin/conf/config.yaml") ==
          HostPath{"/data", "config.yaml"});
    CHECK(host_path_of(container, "/home/admin/logs/x/y") == HostPath{"/data/oms/logs/x", "y"});
    CHECK(host_path_of(container, "/home/admin2/z") == HostPath{"/data/admin2", "z"});
    CHECK_THROWS_AS(host_path_of(container, "/home/other"), Terminal);
    CHECK_THROWS_AS(host_path_of(container, "/home/admin3/z"), Terminal);
}

TEST_CASE("the helper gets the file's folder, and nothing beyond", "[docker]") {
    const auto old = recorded("container_running");
    const auto body = helper_body(old, {.folder = "/data", .name = "a b"}, ".before");
    const auto& host = body["HostConfig"];
    CHECK(body["Image"] == old["Image"]);
    CHECK(body["Cmd"] == nlohmann::json::array({"a b", ".before"}));  // never part of the script
    CHECK(host["NetworkMode"] == "none");
    CHECK(host["Mounts"].size() == 1);
    CHECK(host["Mounts"][0]["Source"] == "/data");
    CHECK_FALSE(host.contains("Privileged"));
    CHECK_FALSE(host.contains("CapAdd"));
    CHECK_FALSE(host.contains("Devices"));
    CHECK(body["Labels"].contains(kHelperLabel));
}

}  // namespace
}  // namespace oms::docker
