#include "controller/workshop.hpp"

#include "base/error.hpp"
#include "catch.hpp"
#include "tiny_world.hpp"

#include <fstream>
#include <map>
#include <unistd.h>

namespace oms::controller {
namespace {

using Catch::Matchers::Contains;

constexpr const char* kConfig = R"(oms_meta_host: 10.0.0.3
oms_meta_port: 2883
oms_meta_user: oms@meta
oms_meta_password: from-config
drc_rm_db: oms_rm
drc_cm_db: oms_cm
drc_cm_heartbeat_db: oms_cm_hb
drc_user: admin
drc_password: '123456'
cm_url: http://10.0.0.1:8088
cm_location: 1
cm_region: cn
cm_is_default: true
cm_nodes:
 - 10.0.0.1
)";

/// A host of which only config.yaml can be read.
class OneFile final : public runtime::Host {
public:
    runtime::HostInfo info() const override { throw Terminal("not here"); }
    std::optional<runtime::Container> find_container(std::string_view) const override {
        return std::nullopt;
    }
    std::vector<runtime::Container> containers() const override { return {}; }
    std::optional<runtime::Image> find_image(std::string_view) const override {
        return std::nullopt;
    }
    std::optional<bool> image_holds(std::string_view, std::string_view) const override {
        return std::nullopt;
    }
    std::optional<std::string> read_file(std::string_view container,
                                         std::string_view,
                                         std::size_t) const override {
        if (container != "oms_430") return std::nullopt;
        return kConfig;
    }
    std::optional<std::string> read_host_file(std::string_view,
                                              std::string_view,
                                              std::size_t) const override {
        return std::nullopt;
    }
    std::optional<runtime::Output> ask(std::string_view,
                                       const std::vector<std::string>&,
                                       std::chrono::milliseconds) const override {
        return std::nullopt;
    }
    void load_image(const std::filesystem::path&, const ReportProgress&, std::stop_token) override {
    }
    void pull_image(std::string_view,
                    const std::optional<runtime::RegistryLogin>&,
                    const ReportProgress&,
                    std::stop_token) override {}
    void set_restart_policy(std::string_view, const runtime::RestartPolicy&) override {}
    void stop(std::string_view, std::chrono::seconds, std::stop_token) override {}
    void start(std::string_view) override {}
    bool image_is_used(std::string_view) const override { return false; }
    void create(const runtime::Successor&) override {}
    void create(const runtime::Helper&) override {}
    void rename(std::string_view, std::string_view) override {}
    void remove_image(std::string_view) override {}
    void remove(std::string_view) override {}
    void replace_file(std::string_view,
                      std::string_view,
                      std::string_view,
                      std::string_view) override {}
    void launch(std::string_view, const std::vector<std::string>&) override {}
};

/// A workshop whose doors write down what they were asked to open.
struct Bench {
    api::OmsUpgrade resource = tiny_upgrade("one", "oms_430");
    std::map<std::string, api::SecretData> secrets;
    std::vector<std::string> endpoints;
    std::vector<std::optional<http::Tls>> tls;
    std::vector<metadb::Address> addresses;

    Workshop make() {
        const Doors doors{
            .docker_host =
                [this](const std::string& endpoint, const std::optional<http::Tls>& with) {
                    endpoints.push_back(endpoint);
                    tls.push_back(with);
                    return std::make_unique<OneFile>();
                },
            .meta_db =
                [this](const metadb::Address& address) {
                    addresses.push_back(address);
                    return metadb::make_meta_db(address);  // it connects when it is used
                },
            .backups = [](const auto& folder) { return metadb::make_backups(folder); },
        };
        return {resource,
                [this](const std::string& name) -> std::optional<api::SecretData> {
                    const auto at = secrets.find(name);
                    if (at == secrets.end()) return std::nullopt;
                    return at->second;
                },
                doors,
                "/nowhere/backups"};
    }
};

TEST_CASE("nothing is opened before it is reached, and nothing twice", "[workshop]") {
    Bench bench;
    Workshop workshop = bench.make();
    CHECK(bench.endpoints.empty());
    workshop.host(0);
    workshop.host(0);
    CHECK(bench.endpoints == std::vector<std::string>{"unix:///var/run/docker.sock"});
    CHECK(&workshop.rm() == &workshop.cm());
    workshop.rm();
    REQUIRE(bench.addresses.size() == 1);
    CHECK(bench.addresses[0] ==
          metadb::Address{"10.0.0.3", 2883, "oms@meta", Secret{"from-config"}});
}

TEST_CASE("what the spec says about MetaDB wins over config.yaml", "[workshop]") {
    Bench bench;
    bench.resource.spec.meta_db.cm.host = "10.9.9.9";
    bench.resource.spec.meta_db.cm.port = 3306;
    bench.resource.spec.meta_db.cm.credentials_secret = api::SecretRef{"cm"};
    bench.secrets["cm"] = {{{"username", Secret{"root"}}, {"password", Secret{"given"}}}};
    Workshop workshop = bench.make();
    CHECK(&workshop.rm() != &workshop.cm());
    const std::vector<metadb::Address> wanted{
        {"10.9.9.9", 3306, "root", Secret{"given"}},
        {"10.0.0.3", 2883, "oms@meta", Secret{"from-config"}}};
    CHECK(bench.addresses == wanted);
}

TEST_CASE("a separate place of cm is another server, with the account of its Secret",
          "[workshop]") {
    Bench bench;
    CHECK_THROWS_WITH(bench.make().separate_cm(), Contains("separateCM"));
    bench.resource.spec.meta_db.separate_cm = api::SeparateCmSpec{.host = "10.0.0.9",
                                                                  .port = 2881,
                                                                  .credentials_secret = {"cm"},
                                                                  .cm_database = {},
                                                                  .heartbeat_database = {}};
    CHECK_THROWS_WITH(bench.make().separate_cm(), Contains("no Secret cm"));
    bench.secrets["cm"] = {{{"username", Secret{"oms_cm"}}, {"password", Secret{"given"}}}};
    Workshop workshop = bench.make();
    CHECK(&workshop.separate_cm() == &workshop.separate_cm());
    CHECK(&workshop.separate_cm() != &workshop.cm());
    REQUIRE_FALSE(bench.addresses.empty());
    CHECK(bench.addresses[0] == metadb::Address{"10.0.0.9", 2881, "oms_cm", Secret{"given"}});
    CHECK(workshop.separate_cm_endpoint() ==
          MetaEndpoint{"10.0.0.9", 2881, "oms_cm", Secret{"given"}});
}

TEST_CASE("the console is not called without its user", "[workshop]") {
    Bench bench;
    const upgrade::ConsoleCall call{
        .url = "http://127.0.0.1:1/api/v2?Action=ListProjects", .method = "POST", .body = "{}"};
    CHECK_THROWS_WITH(bench.make().console_call(call), Contains("spec.console"));
    bench.resource.spec.console_secret = api::SecretRef{"console"};
    CHECK_THROWS_WITH(bench.make().console_call(call), Contains("no Secret console"));
    bench.secrets["console"] = {{{"username", Secret{"admin"}}, {"password", Secret{"hush"}}}};
    CHECK_THROWS_WITH(bench.make().console_call(call), !Contains("hush"));
}

TEST_CASE("certificates for a daemon come from its Secret", "[workshop]") {
    Bench bench;
    bench.resource.spec.nodes[0].docker = {"tcp://10.0.0.1:2376", api::SecretRef{"tls"}};
    bench.secrets["tls"] = {
        {{"ca.crt", Secret{"CA"}}, {"tls.crt", Secret{"CERT"}}, {"tls.key", Secret{"KEY"}}}};
    bench.make().host(0);
    REQUIRE(bench.tls.at(0).has_value());
    CHECK(bench.tls[0]->ca == "CA");
    CHECK(bench.tls[0]->certificate == "CERT");
    CHECK(bench.tls[0]->key.reveal() == "KEY");

    bench.secrets["tls"].values.erase("tls.key");
    CHECK_THROWS_WITH(bench.make().host(0), Contains("Secret tls") && Contains("tls.key"));
    bench.secrets.clear();
    CHECK_THROWS_WITH(bench.make().host(0), Contains("no Secret tls"));
}

TEST_CASE("a container without config.yaml is said to be none of OMS", "[workshop]") {
    Bench bench;
    bench.resource.spec.nodes[0].container = "nginx";
    CHECK_THROWS_WITH(bench.make().rm(), Contains("nginx") && Contains("config.yaml"));
}

TEST_CASE("a file is there when it can be read", "[workshop]") {
    Bench bench;
    Workshop workshop = bench.make();
    const std::string path = "/tmp/oms-operator-workshop-test." + std::to_string(::getpid());
    std::ofstream(path) << "12345";
    CHECK(workshop.file_size(path) == 5);
    CHECK_FALSE(workshop.file_size(path + ".no").has_value());
    std::filesystem::remove(path);
}

TEST_CASE("nobody answering is no health, and no error", "[workshop]") {
    Bench bench;
    CHECK_FALSE(bench.make().http_get("http://127.0.0.1:1/oms/health", "").has_value());
}

TEST_CASE("a wait ends when it is told to", "[workshop]") {
    Bench bench;
    std::stop_source stop;
    stop.request_stop();
    bench.make().wait(std::chrono::hours{1}, stop.get_token());
}

}  // namespace
}  // namespace oms::controller
