#include "base/files.hpp"

#include "base/error.hpp"
#include "catch.hpp"
#include "integration/docker/site.hpp"

#include <sys/stat.h>

#include <chrono>

namespace oms {
namespace {

using namespace std::chrono_literals;
using runtime::Host;

constexpr const char* kConfig = "/home/admin/conf/config.yaml";

/// A container that mounts a file by itself, and a folder.
struct Mounted {
    explicit Mounted(const std::string& prefix) : site(prefix), name(site.name("-old")) {
        shell("mkdir -p " + folder() + "/logs/deep");
        write_durably(folder() + "/config.yaml", "old: 1\n");
        write_durably(folder() + "/logs/deep/state", "old state");
        shell("chmod 640 " + folder() + "/config.yaml && chown 1234:4321 " + folder() +
              "/config.yaml");
        site.run(name,
                 "-v " + folder() + "/config.yaml:" + kConfig + " -v " + folder() +
                     "/logs:/home/admin/logs");
    }

    std::string folder() const { return site.folder(); }
    std::optional<std::string> on_host(const std::string& file) const {
        return read_whole(folder() + "/" + file);
    }
    std::string left_behind() const {
        return site.cli("ps -aq --filter label=oms.oceanbase.com/helper");
    }

    Site site;
    std::string name;
};

TEST_CASE("a file is read through its mounts, running or not", "[bed][docker]") {
    Mounted mounted("bed-read");
    Host& host = mounted.site.host();
    for (const bool running : {true, false}) {
        if (!running) host.stop(mounted.name, 0s, {});
        INFO("running: " << running);
        CHECK(host.read_file(mounted.name, kConfig) == "old: 1\n");
        CHECK(host.read_file(mounted.name, "/home/admin/logs/deep/state") == "old state");
        CHECK_FALSE(host.read_file(mounted.name, "/home/admin/logs/none").has_value());
        CHECK_THROWS_AS(host.read_file(mounted.name, "/home/admin/logs"), Terminal);
        CHECK_THROWS_AS(host.read_file(mounted.name, kConfig, 6), Terminal);
    }
    CHECK_FALSE(host.read_file(mounted.site.name("-none"), kConfig).has_value());
}

TEST_CASE("links in a container are followed", "[bed][docker]") {
    Mounted mounted("bed-links");
    Host& host = mounted.site.host();
    host.ask(
        mounted.name,
        {"sh",
         "-c",
         "ln -s home/admin/logs /short; ln -s deep/state /home/admin/logs/now; ln -s /short/now "
         "/tmp/there; ln -s around /tmp/around"},
        20s);
    CHECK(host.read_file(mounted.name, "/tmp/there") == "old state");
    CHECK(host.read_file(mounted.name, "/short/deep/state") == "old state");
    CHECK_THROWS_AS(host.read_file(mounted.name, "/tmp/around"), Failure);
}

TEST_CASE("a mounted file is replaced in one step, as its old self", "[bed][docker]") {
    const bool running = GENERATE(false, true);
    Mounted mounted("bed-swap");
    Host& host = mounted.site.host();
    if (!running) host.stop(mounted.name, 0s, {});
    const auto begun = std::chrono::steady_clock::now();
    host.replace_file(mounted.name, kConfig, "new: 2\n", ".before");
    WARN("replaced in " << (std::chrono::steady_clock::now() - begun) / 1ms << " ms");
    CHECK(mounted.on_host("config.yaml") == "new: 2\n");
    CHECK(mounted.on_host("config.yaml.before") == "old: 1\n");
    CHECK(host.read_file(mounted.name, kConfig) == "new: 2\n");
    for (const char* file : {"config.yaml", "config.yaml.before"}) {
        struct stat seen {};
        REQUIRE(::stat((mounted.folder() + "/" + file).c_str(), &seen) == 0);
        CHECK((seen.st_mode & 07777U) == 0640);
        CHECK(seen.st_uid == 1234);
        CHECK(seen.st_gid == 4321);
    }
    // Back, and forth once more: the first original stays the copy.
    host.replace_file(mounted.name, kConfig, "third: 3\n", ".before");
    CHECK(mounted.on_host("config.yaml.before") == "old: 1\n");
    host.replace_file(mounted.name, kConfig, "old: 1\n", "");
    CHECK(mounted.on_host("config.yaml") == "old: 1\n");
    CHECK(shell("ls -A " + mounted.folder() + " | sort | tr '\\n' ' '") ==
          "config.yaml config.yaml.before logs ");
    CHECK(mounted.left_behind().empty());
}

TEST_CASE("a file in a mounted folder is replaced, too", "[bed][docker]") {
    Mounted mounted("bed-folder");
    Host& host = mounted.site.host();
    host.replace_file(mounted.name, "/home/admin/logs/deep/state", "new state", "");
    CHECK(mounted.on_host("logs/deep/state") == "new state");
    CHECK(host.ask(mounted.name, {"cat", "/home/admin/logs/deep/state"}, 20s)->out == "new state");
}

TEST_CASE("what is so already is left alone", "[bed][docker]") {
    Mounted mounted("bed-same");
    mounted.site.host().replace_file(mounted.name, kConfig, "old: 1\n", ".before");
    CHECK_FALSE(mounted.on_host("config.yaml.before").has_value());
    for (const auto& request : mounted.site.requests())
        CHECK((request.method == "GET" || request.method == "HEAD"));
}

// Goal: a crash in the middle of a replacement is mended by the next one.
// Method: leave behind what such a crash leaves: the helper, and its half-made files.
TEST_CASE("what a crash left behind is cleared away", "[bed][docker]") {
    Mounted mounted("bed-crash");
    Host& host = mounted.site.host();
    host.replace_file(mounted.name, kConfig, "new: 2\n", "");
    std::string helper;
    for (const auto& request : mounted.site.requests()) {
        const auto at = request.target.find("/containers/create?name=");
        if (at != std::string::npos) helper = request.target.substr(at + 24);
    }
    REQUIRE_FALSE(helper.empty());
    mounted.site.cli("run -d --net none --label oms.oceanbase.com/helper=replace-file --name " +
                     helper + " oms-test:old");
    write_durably(mounted.folder() + "/.config.yaml.oms-operator-new", "half");
    write_durably(mounted.folder() + "/.config.yaml.oms-operator-copy", "hal");
    host.replace_file(mounted.name, kConfig, "third: 3\n", ".before");
    CHECK(mounted.on_host("config.yaml") == "third: 3\n");
    CHECK(mounted.on_host("config.yaml.before") == "new: 2\n");
    CHECK(mounted.left_behind().empty());

    mounted.site.cli("run -d --net none --name " + helper + " oms-test:old");  // somebody else's
    CHECK_THROWS_AS(host.replace_file(mounted.name, kConfig, "fourth: 4\n", ""), Terminal);
    mounted.site.cli("rm -f " + helper);
}

TEST_CASE("a replacement that cannot be is refused in words", "[bed][docker]") {
    Mounted mounted("bed-refuse");
    Host& host = mounted.site.host();
    const auto replace = [&](const std::string& path) {
        host.replace_file(mounted.name, path, "new", "");
    };
    CHECK_THROWS_WITH(replace("/bin/sh"), Catch::Contains("is on no mount"));
    CHECK_THROWS_WITH(replace("/home/admin/logs/none"), Catch::Contains("no such file"));
    CHECK_THROWS_AS(replace("/home/admin/logs"), Terminal);
    CHECK_THROWS_AS(host.replace_file(mounted.site.name("-none"), kConfig, "new", ""), Terminal);
    shell("cd " + mounted.folder() + " && echo x > real.yaml && ln -sf real.yaml link.yaml");
    mounted.site.run(mounted.site.name("-link"),
                     "-v " + mounted.folder() + "/link.yaml:" + std::string(kConfig));
    CHECK_THROWS_WITH(host.replace_file(mounted.site.name("-link"), kConfig, "new", ""),
                      Catch::Contains("symbolic link"));
    CHECK(mounted.on_host("real.yaml") == "x\n");
    CHECK(mounted.left_behind().empty());
}

}  // namespace
}  // namespace oms
