#include "docker/successor.hpp"

#include "catch.hpp"
#include "docker/recorded.hpp"

namespace oms::docker {
namespace {

using nlohmann::json;

runtime::Successor wanted() {
    return {.name = "oms_431",
            .of = "oms_430",
            .image = "oms:new",
            .environment = {{"OMS_HOST_IP", "10.0.0.1"}, {"IS_UPGRADE", "true"}},
            .labels = {{"mine", "1"}},
            .restart = {.name = "always"}};
}

json body_of(const json& old) {
    return successor_body(old, recorded("image"), wanted(), "vm");
}

std::string target_of_first_bind() {
    const std::string bind = recorded("container_running")["HostConfig"]["Binds"][0];
    const auto colon = bind.find(':');
    return bind.substr(colon + 1, bind.find(':', colon + 1) - colon - 1);
}

TEST_CASE("the successor is run as the procedure says, flag by flag", "[docker][procedure]") {
    const std::string old = GENERATE("container_running", "container_exited", "container_created");
    const json body = body_of(recorded(old));
    const json& host = body["HostConfig"];
    CHECK(body["Image"] == "oms:new");
    CHECK(body["Tty"] == true);  // docker run -dit
    CHECK(body["OpenStdin"] == true);
    CHECK(body["AttachStdout"] == false);
    CHECK(host["NetworkMode"] == "host");  // --net host
    CHECK(host["Privileged"] == true);     // --privileged=true
    CHECK(host["PidsLimit"] == -1);        // --pids-limit -1
    int nproc = 0;
    for (const json& limit : host["Ulimits"]) {
        if (limit["Name"] != "nproc") continue;
        ++nproc;  // --ulimit nproc=65535:65535
        CHECK(limit["Soft"] == 65535);
        CHECK(limit["Hard"] == 65535);
    }
    CHECK(nproc == 1);
    CHECK(host["RestartPolicy"] == json{{"Name", "always"}, {"MaximumRetryCount", 0}});
    CHECK(host["AutoRemove"] == false);
    CHECK_FALSE(host.contains("PortBindings"));
    CHECK_FALSE(host.contains("MaskedPaths"));
}

TEST_CASE("what a person set on the old container is carried over", "[docker]") {
    const json old = recorded("container_running");
    const json body = body_of(old);
    const json& host = body["HostConfig"];
    for (const char* key : {"Binds",
                            "LogConfig",
                            "ExtraHosts",
                            "Dns",
                            "ShmSize",
                            "Memory",
                            "CapAdd",
                            "Devices",
                            "SecurityOpt",
                            "Tmpfs"}) {
        INFO(key);
        REQUIRE(old["HostConfig"].contains(key));
        CHECK(host[key] == old["HostConfig"][key]);
    }
    CHECK(body["Cmd"] == json::array({"sleep", "20000"}));
    CHECK(body["User"] == "0:0");
    CHECK(body["WorkingDir"] == "/root");
    CHECK(body["StopTimeout"] == 33);
    CHECK(body["Hostname"] == "oms-host");
    CHECK(body["Domainname"] == "example.org");
    const json nofile = {{"Name", "nofile"}, {"Soft", 1000}, {"Hard", 2000}};
    CHECK(std::count(host["Ulimits"].begin(), host["Ulimits"].end(), nofile) == 1);
}

TEST_CASE("environment: the person's, then ours; never the old image's", "[docker]") {
    const json body = body_of(recorded("container_running"));
    CHECK(body["Env"] == json::array({"A=1",
                                      "EMPTY=",
                                      "WITH=a=b c",
                                      "FROM_IMAGE=changed",
                                      "IS_UPGRADE=true",
                                      "OMS_HOST_IP=10.0.0.1"}));
}

TEST_CASE("labels: the person's, then ours; never the old image's", "[docker]") {
    const json old = recorded("container_running");
    CHECK(body_of(old)["Labels"] ==
          json{{"x", "y"}, {"a", "changed"}, {"mine", "1"}, {kSuccessorLabel, old["Id"]}});
    const json exited = recorded("container_exited");
    CHECK(body_of(exited)["Labels"] ==
          json{{"x", "y"}, {"mine", "1"}, {kSuccessorLabel, exited["Id"]}});
}

TEST_CASE("what the old image said is left for the new one to say", "[docker]") {
    const json body = body_of(recorded("container_exited"));
    for (const char* key : {"Cmd", "Entrypoint", "User", "WorkingDir", "StopSignal", "Hostname"}) {
        INFO(key);
        CHECK_FALSE(body.contains(key));
    }
}

TEST_CASE("an entrypoint of the person's comes with its command", "[docker]") {
    json old = recorded("container_exited");
    old["Config"]["Entrypoint"] = {"/my/start"};
    old["Config"]["Cmd"] = nullptr;
    const json body = body_of(old);
    CHECK(body["Entrypoint"] == json::array({"/my/start"}));
    CHECK(body["Cmd"].is_null());
}

TEST_CASE("a host name that the daemon gave is not carried over", "[docker]") {
    json old = recorded("container_created");
    CHECK(old["Id"].get<std::string>().starts_with(old["Config"]["Hostname"].get<std::string>()));
    CHECK_FALSE(body_of(old).contains("Hostname"));
    old["Config"]["Hostname"] = "vm";  // the host's own
    CHECK_FALSE(body_of(old).contains("Hostname"));
    old["Config"]["Hostname"] = "oms";
    CHECK(body_of(old)["Hostname"] == "oms");
    old["HostConfig"]["UTSMode"] = "host";
    CHECK_FALSE(body_of(old).contains("Hostname"));
}

// Procedure: "The mount directories must remain unchanged during subsequent redeployment or
// upgrades." An anonymous volume is one of them, though nobody gave it a name.
TEST_CASE("every mount of the old container is one of the new container's", "[docker]") {
    const json old = recorded("container_running");
    const json host = body_of(old)["HostConfig"];
    CHECK(host["Mounts"].size() == 2);
    CHECK(host["Mounts"][0]["Target"] == "/home/ds/run");
    CHECK(host["Mounts"][0]["ReadOnly"] == true);
    const json& anonymous = host["Mounts"][1];
    CHECK(anonymous["Type"] == "volume");
    CHECK(anonymous["Target"] == "/anonymous");
    CHECK(anonymous["Source"].get<std::string>().size() == 64);
    json from_others = old;
    from_others["HostConfig"]["VolumesFrom"] = {"other"};
    from_others["Mounts"].push_back(
        {{"Type", "bind"}, {"Source", "/data/of/other"}, {"Destination", "/other"}, {"RW", false}});
    const json with = body_of(from_others)["HostConfig"];
    CHECK_FALSE(with.contains("VolumesFrom"));
    CHECK(with["Mounts"].back() == json{{"Type", "bind"},
                                        {"Source", "/data/of/other"},
                                        {"Target", "/other"},
                                        {"ReadOnly", true}});
}

TEST_CASE("what is mounted on top takes the place of what was there", "[docker]") {
    runtime::Successor https = wanted();
    const std::string first = target_of_first_bind();
    https.mounts = {{"/new/oms.crt", "/etc/pki/nginx/oms_server.crt"}, {"/new", first, true}};
    const json old = recorded("container_running");
    const json host = successor_body(old, recorded("image"), https, "vm")["HostConfig"];
    CHECK(host["Binds"].size() == old["HostConfig"]["Binds"].size() - 1);
    for (const json& bind : host["Binds"])
        CHECK(bind.get<std::string>().find(":" + first) == std::string::npos);
    const auto count = host["Mounts"].size();
    CHECK(host["Mounts"][count - 2] == json{{"Type", "bind"},
                                            {"Source", "/new/oms.crt"},
                                            {"Target", "/etc/pki/nginx/oms_server.crt"},
                                            {"ReadOnly", false}});
    CHECK(host["Mounts"][count - 1]["ReadOnly"] == true);
}

TEST_CASE("a successor's successor is told from its predecessor", "[docker]") {
    json old = recorded("container_exited");
    old["Config"]["Labels"][kSuccessorLabel] = "an older one";
    CHECK(body_of(old)["Labels"][kSuccessorLabel] == old["Id"]);
}

}  // namespace
}  // namespace oms::docker
