#include "base/error.hpp"
#include "catch.hpp"
#include "integration/docker/site.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <thread>

namespace oms {
namespace {

using namespace std::chrono_literals;
using runtime::Host;
using runtime::Mount;
using runtime::RestartPolicy;

TEST_CASE("a Docker host says who it is", "[bed][docker]") {
    Site site("bed-info");
    const auto info = site.host().info();
    CHECK(info.name == site.cli("info --format '{{.Name}}'"));
    CHECK_THAT(info.engine, Catch::StartsWith("Docker ") && Catch::Contains(", API 1."));
    const auto image = site.host().find_image("oms-test:old");
    REQUIRE(image);
    CHECK(image->architecture == info.architecture);
    CHECK(image->id == site.cli("image inspect -f '{{.Id}}' oms-test:old"));
    CHECK(site.host().find_image(image->id)->tags == image->tags);
    CHECK_FALSE(site.host().find_image("oms-test:none").has_value());
    CHECK_FALSE(site.host().find_container("bed-info-none").has_value());
}

runtime::Successor successor(const Site& site) {
    return {.name = site.name("-new"),
            .of = site.name("-old"),
            .image = "oms-test:old",
            .environment = {{"IS_UPGRADE", "true"}, {"OMS_HOST_IP", "10.0.0.1"}},
            .labels = {{"upgrade", "one"}},
            .restart = {.name = "no"}};
}

nlohmann::json last_create(const Site& site) {
    for (auto request = site.requests().rbegin(); request != site.requests().rend(); ++request)
        if (request->target.find("/containers/create") != std::string::npos)
            return nlohmann::json::parse(request->body);
    return {};
}

// Goal: the successor is what the procedure's `docker run` would make of the old container.
// Method: make an old one with the procedure's own command and more, and compare what was asked of
// the daemon, and what the daemon made of it.
TEST_CASE("a successor has the old mounts, settings and the procedure's flags", "[bed][docker]") {
    Site site("bed-life");
    const std::string data = site.folder();
    shell("mkdir -p " + data + "/oms_logs && echo a: b > " + data + "/config.yaml");
    site.cli(
        "run -dit --net host -v " + data + "/config.yaml:/home/admin/conf/config.yaml -v " + data +
        "/oms_logs:/home/admin/logs -v /home/ds/store --mount type=bind,src=" + data +
        ",dst=/home/ds/run,readonly -e OMS_HOST_IP=1.1.1.1 -e OWN=1 --label own=1 "
        "--privileged=true "
        "--pids-limit -1 --ulimit nproc=65535:65535 --ulimit nofile=900:900 --add-host db:10.0.0.9 "
        "--shm-size 96m --log-opt max-size=9m --restart always --name " +
        site.name("-old") + " oms-test:old");
    Host& host = site.host();
    host.stop(site.name("-old"), 0s, {});
    host.create(successor(site));

    const auto body = last_create(site);
    CHECK(body["HostConfig"]["NetworkMode"] == "host");
    CHECK(body["HostConfig"]["Privileged"] == true);
    CHECK(body["HostConfig"]["PidsLimit"] == -1);
    CHECK(body["Tty"] == true);
    CHECK(body["OpenStdin"] == true);

    const auto old = host.find_container(site.name("-old"));
    const auto made = host.find_container(site.name("-new"));
    REQUIRE(made);
    CHECK(made->mounts == old->mounts);
    CHECK(made->mounts.size() == 4);
    CHECK(made->environment == std::map<std::string, std::string>{{"PATH", "/bin"},
                                                                  {"OF_IMAGE", "old"},
                                                                  {"OWN", "1"},
                                                                  {"IS_UPGRADE", "true"},
                                                                  {"OMS_HOST_IP", "10.0.0.1"}});
    CHECK(made->labels.at("own") == "1");
    CHECK(made->labels.at("upgrade") == "one");
    CHECK(made->state == "created");
    CHECK_FALSE(made->running);
    CHECK(made->host_network);
    CHECK(made->privileged);
    CHECK(made->restart == RestartPolicy{"no", 0});
    const auto inspect = nlohmann::json::parse(site.cli("inspect " + site.name("-new")))[0];
    CHECK(inspect["HostConfig"]["ExtraHosts"] == nlohmann::json::array({"db:10.0.0.9"}));
    CHECK(inspect["HostConfig"]["ShmSize"] == 96U << 20U);
    CHECK(inspect["HostConfig"]["LogConfig"]["Config"]["max-size"] == "9m");
    CHECK(inspect["HostConfig"]["Ulimits"].size() == 2);
    CHECK(inspect["Config"]["Cmd"] == nlohmann::json::array({"sleep", "100000"}));
    host.start(site.name("-new"));
    CHECK(host.find_container(site.name("-new"))->running);
    CHECK_FALSE(host.find_container(site.name("-old"))->running);
}

TEST_CASE("every touch may be repeated", "[bed][docker]") {
    Site site("bed-twice");
    Host& host = site.host();
    const std::string old = site.name("-old");
    site.run(old, "--restart always");
    for (int i = 0; i < 2; ++i) host.set_restart_policy(old, {.name = "no"});
    CHECK(host.find_container(old)->restart == RestartPolicy{"no", 0});
    for (int i = 0; i < 2; ++i) host.stop(old, 20s, {});
    const auto stopped = host.find_container(old);
    CHECK_FALSE(stopped->running);
    CHECK(stopped->exit_code == 0);  // asked, not killed
    CHECK(stopped->finished_at.has_value());

    for (int i = 0; i < 2; ++i) host.create(successor(site));
    for (int i = 0; i < 2; ++i) host.start(site.name("-new"));
    CHECK(host.find_container(site.name("-new"))->running);
    host.create(successor(site));  // it runs by now, and is still the one that was asked for

    CHECK_THROWS_AS(host.remove(site.name("-new")), Terminal);  // it runs
    host.stop(site.name("-new"), 0s, {});
    for (int i = 0; i < 2; ++i) host.remove(site.name("-new"));
    CHECK_FALSE(host.find_container(site.name("-new")).has_value());
    host.stop(site.name("-new"), 0s, {});  // what is not there does not run
    host.set_restart_policy(old, {.name = "on-failure", .retries_max = 4});
    CHECK(host.find_container(old)->restart == RestartPolicy{"on-failure", 4});
    host.start(old);
    CHECK(host.find_container(old)->running);
}

TEST_CASE("a name that somebody else has taken is not ours to use", "[bed][docker]") {
    Site site("bed-taken");
    site.run(site.name("-old"), "");
    site.run(site.name("-new"), "");
    CHECK_THROWS_AS(site.host().create(successor(site)), Terminal);
    auto other = successor(site);
    other.name = site.name("-other");
    site.host().create(other);
    other.labels["upgrade"] = "two";  // another upgrade's
    CHECK_THROWS_AS(site.host().create(other), Terminal);
    other.image = "oms-test:none";
    other.name = site.name("-more");
    CHECK_THROWS_AS(site.host().create(other), Terminal);
    other.of = site.name("-nobody");
    CHECK_THROWS_AS(site.host().create(other), Terminal);
    CHECK_THROWS_AS(site.host().start(site.name("-nobody")), Terminal);
}

// Goal: a stop that waits for a container that does not want to end is itself stopped at once.
// Method: the container ignores SIGTERM, the grace is an hour, and the stop is asked for when the
// SIGTERM has come; a hang would be seen as the test's own timeout.
TEST_CASE("a stop in progress obeys a stop", "[bed][docker]") {
    Site site("bed-stubborn");
    const std::string name = site.name("-old");
    site.cli("run -d --net none --name " + name +
             " oms-test:old sh -c 'trap \"echo > /tmp/asked\" TERM; while :; do sleep 0.1; done'");
    std::stop_source stop;
    std::atomic<bool> stopped = false;
    std::thread caller([&] {
        try {
            site.host().stop(name, 1h, stop.get_token());
        } catch (const Stopped&) {
            stopped = true;
        }
    });
    site.host().ask(name, {"sh", "-c", "until [ -e /tmp/asked ]; do sleep 0.05; done"}, 60s);
    stop.request_stop();
    caller.join();
    CHECK(stopped);
    CHECK(site.host().find_container(name)->running);
    site.host().stop(name, 0s, {});
    CHECK(site.host().find_container(name)->exit_code == 137);
}

TEST_CASE("a running container can be asked", "[bed][docker]") {
    Site site("bed-ask");
    const Host& host = site.host();
    const std::string name = site.name("-old");
    site.run(name, "");
    const auto said = host.ask(name, {"sh", "-c", "echo out; echo err >&2; exit 7"}, 20s);
    REQUIRE(said);
    CHECK(said->out == "out\n");
    CHECK(said->err == "err\n");
    CHECK(said->exit_code == 7);
    const auto literal = host.ask(name, {"echo", "$PATH; a  b", "'c'"}, 20s);
    CHECK(literal->out == "$PATH; a  b 'c'\n");  // no shell in between
    const auto large = host.ask(name, {"head", "-c", "3000000", "/dev/zero"}, 20s);
    CHECK(large->out.size() == 1U << 20U);
    CHECK(large->exit_code == 0);
    CHECK(host.ask(name, {"no-such-command"}, 20s)->exit_code > 125);
    CHECK_THROWS_AS(host.ask(name, {"sleep", "1000"}, 300ms), Transient);
    CHECK_THROWS_AS(host.ask(name, {"sh", "-c", "while :; do echo x; done"}, 300ms), Transient);
    CHECK_FALSE(host.ask(site.name("-none"), {"true"}, 20s).has_value());
    site.host().stop(name, 0s, {});
    CHECK_FALSE(host.ask(name, {"echo"}, 20s).has_value());
    CHECK_THROWS_AS(site.host().launch(name, {"echo"}), Transient);
}

TEST_CASE("a launched command goes on by itself", "[bed][docker]") {
    Site site("bed-launch");
    const std::string name = site.name("-old");
    site.run(name, "");
    site.host().launch(name, {"sh", "-c", "echo begun > /tmp/a; sleep 0.2; echo ended > /tmp/b"});
    const auto ended = site.host().ask(
        name, {"sh", "-c", "until [ -s /tmp/b ]; do sleep 0.05; done; cat /tmp/a /tmp/b"}, 60s);
    CHECK(ended->out == "begun\nended\n");
}

TEST_CASE("the same host is spoken to over TLS", "[bed][docker]") {
    Site site("bed-tls");
    const std::string folder = from_bed("OMS_TEST_DOCKER_TLS_DIR");
    const auto text = [&folder](const std::string& name) {
        std::ifstream file(folder + "/" + name);
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    const http::Tls tls{.ca = text("ca.pem"),
                        .certificate = text("cert.pem"),
                        .key = Secret(text("key.pem")),
                        .insecure_skip_verify = false};
    const auto host = docker::make_docker_host(from_bed("OMS_TEST_DOCKER_TLS"), tls);
    CHECK(host->info().name == site.host().info().name);
    const std::string name = site.name("-old");
    site.run(name, "");
    CHECK(host->find_container(name) == site.host().find_container(name));
    CHECK(host->ask(name, {"sh", "-c", "echo over TLS; exit 3"}, 20s)->out == "over TLS\n");
    CHECK(host->read_file(name, "/bin/sh", 8U << 20U) ==
          site.host().read_file(name, "/bin/sh", 8U << 20U));
    const std::string archive = site.folder() / "image.tar";
    site.cli("save -o " + archive + " oms-test:old");
    host->load_image(archive, {}, {});
    host->stop(name, 0s, {});
    CHECK_FALSE(site.host().find_container(name)->running);
}

}  // namespace
}  // namespace oms
