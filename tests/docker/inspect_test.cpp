#include "docker/inspect.hpp"

#include "base/error.hpp"
#include "catch.hpp"
#include "docker/recorded.hpp"

namespace oms::docker {
namespace {

using runtime::Mount;

TEST_CASE("a running container is read as its daemon showed it", "[docker]") {
    const auto container = read_container(recorded("container_running"));
    CHECK(container.id == "7c2b92356f04a17df673fbef0a5164e11500befd87779f386cad859602fce031");
    CHECK(container.name == "oms_rich");
    CHECK(container.image == "oms:old");
    CHECK(container.image_id.starts_with("sha256:"));
    CHECK(container.state == "running");
    CHECK(container.running);
    CHECK(container.started_at.has_value());
    CHECK_FALSE(container.finished_at.has_value());
    CHECK(container.host_network);
    CHECK(container.privileged);
    CHECK(container.restart == runtime::RestartPolicy{"on-failure", 3});
    CHECK(container.environment.at("WITH") == "a=b c");
    CHECK(container.environment.at("EMPTY").empty());
    CHECK(container.environment.at("PATH") == "/bin");
    CHECK(container.labels.at("x") == "y");
}

TEST_CASE("mounts are bind mounts and volumes, in an order of their own", "[docker]") {
    const auto mounts = read_container(recorded("container_running")).mounts;
    REQUIRE(mounts.size() == 5);
    CHECK(mounts[0].target == "/anonymous");
    CHECK(mounts[1] == Mount{"/data/oms/config.yaml", "/home/admin/conf/config.yaml", false});
    CHECK(mounts[2] == Mount{"/data/oms/logs", "/home/admin/logs", false});
    CHECK(mounts[3] == Mount{"/data/oms", "/home/ds/run", true});
    CHECK(mounts[4] == Mount{"/var/lib/docker/volumes/storevol/_data", "/home/ds/store", false});
}

TEST_CASE("what may have processes runs, what has none does not", "[docker]") {
    CHECK(read_container(recorded("container_paused")).running);
    const auto exited = read_container(recorded("container_exited"));
    CHECK_FALSE(exited.running);
    CHECK(exited.exit_code == 137);
    CHECK(exited.finished_at.has_value());
    CHECK(exited.restart == runtime::RestartPolicy{"no", 0});
    const auto created = read_container(recorded("container_created"));
    CHECK_FALSE(created.running);
    CHECK_FALSE(created.started_at.has_value());
    CHECK_FALSE(created.host_network);
    auto restarting = recorded("container_exited");
    restarting["State"]["Restarting"] = true;
    CHECK(read_container(restarting).running);
}

TEST_CASE("an image and a host are read in one language of architectures", "[docker]") {
    const auto image = read_image(recorded("image"));
    CHECK(image.tags == std::vector<std::string>{"oms:old"});
    CHECK(image.architecture == "amd64");
    CHECK(image.labels.at("a") == "b");
    const auto info = read_info(recorded("info"), "1.41");
    CHECK(info.name == "oms-host-1");
    CHECK(info.engine == "Docker 20.10.24+dfsg1, API 1.41");
    CHECK(info.architecture == "amd64");
    CHECK(architecture_of("aarch64") == "arm64");
    CHECK(architecture_of("riscv64") == "riscv64");
}

// Goal: no answer, however odd, is read past its end or taken for something it is not.
// Method: take each part of a real one away, or put each kind of value in its place.
TEST_CASE("an odd description of a container is read or refused", "[docker]") {
    const auto whole = recorded("container_running").flatten();
    for (const auto& [path, value] : whole.items()) {
        INFO(path);
        for (const nlohmann::json& odd : {nlohmann::json(),
                                          nlohmann::json(7),
                                          nlohmann::json("odd"),
                                          nlohmann::json::array({1}),
                                          nlohmann::json{{"a", 1}}}) {
            auto broken = whole.unflatten();
            broken[nlohmann::json::json_pointer(path)] = odd;
            try {
                read_container(broken);
            } catch (const Terminal&) {}
        }
    }
    CHECK_THROWS_AS(read_container(nlohmann::json()), Terminal);
    CHECK_THROWS_AS(read_container(nlohmann::json::array()), Terminal);
    CHECK_THROWS_AS(read_image(nlohmann::json::object()), Terminal);
}

}  // namespace
}  // namespace oms::docker
