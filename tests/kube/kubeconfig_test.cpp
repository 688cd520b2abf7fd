#include "base/base64.hpp"
#include "base/error.hpp"
#include "base/files.hpp"
#include "catch.hpp"
#include "kube/connection.hpp"

#include <filesystem>
#include <map>
#include <unistd.h>

namespace oms::kube {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;

/// A folder with files and an environment, gone at the end.
struct Machine {
    fs::path folder =
        fs::temp_directory_path() / ("oms-operator-kubeconfig." + std::to_string(::getpid()));
    std::map<std::string, std::string> variables{{"HOME", folder.string()}};

    Machine() { make_private_folder(folder / ".kube"); }
    ~Machine() { fs::remove_all(folder); }
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    fs::path file(const std::string& name, const std::string& content) const {
        write_durably(folder / name, content);
        return folder / name;
    }
    Connection connect(ConnectionOptions options = {}) const {
        return find_connection(options, [this](const std::string& name) {
            const auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional(found->second);
        });
    }
    std::string refusal(ConnectionOptions options = {}) const {
        try {
            connect(std::move(options));
        } catch (const Terminal& failure) {
            return failure.what();
        }
        return "";
    }
};

std::string config(const std::string& cluster, const std::string& user) {
    return "apiVersion: v1\nkind: Config\ncurrent-context: main\n"
           "contexts:\n- name: main\n  context: {cluster: c, user: u, namespace: prod}\n"
           "- {name: other, context: {cluster: c, user: u}}\n"
           "clusters:\n- name: c\n  cluster: {" +
           cluster + "}\nusers:\n- name: u\n  user: {" + user + "}\n";
}

}  // namespace

TEST_CASE("a kubeconfig gives server, trust and credentials", "[kube]") {
    const Machine machine;
    machine.file(".kube/key.pem", "KEY");
    machine.file(".kube/config",
                 config("server: 'https://host:6443/k8s/c-1/', certificate-authority-data: " +
                            to_base64("CA"),
                        "client-certificate-data: " + to_base64("CERT") + ", client-key: key.pem"));
    const auto connection = machine.connect();
    CHECK(connection.origin == "https://host:6443");
    CHECK(connection.prefix == "/k8s/c-1");
    CHECK(connection.tls.ca == "CA");
    CHECK(connection.tls.certificate == "CERT");
    CHECK(connection.tls.key.reveal() == "KEY");
    CHECK(connection.space == "prod");
    CHECK(machine.connect({.context = "other"}).space == "default");
}

TEST_CASE("--kubeconfig wins over KUBECONFIG, that over the pod, that over the home", "[kube]") {
    Machine machine;
    CHECK_THAT(machine.refusal(), Contains("no Kubernetes API server is known"));
    machine.file(".kube/config", config("server: 'http://home:1'", "token: t"));
    CHECK(machine.connect().origin == "http://home:1");

    machine.file("token", "T");
    machine.file("ca.crt", "CA");
    machine.file("namespace", "oms");
    machine.variables["KUBERNETES_SERVICE_HOST"] = "fd00::1";
    machine.variables["KUBERNETES_SERVICE_PORT"] = "443";
    const auto pod = machine.connect({.service_account = machine.folder});
    CHECK(pod.origin == "https://[fd00::1]:443");
    CHECK(pod.token_file == machine.folder / "token");
    CHECK(pod.tls.ca == "CA");
    CHECK(pod.space == "oms");

    const auto one = machine.file("one", "contexts: [{name: x, context: {cluster: k}}]\n");
    const auto two = machine.file(
        "two",
        "current-context: x\nclusters: [{name: k, cluster: {server: 'http://env:1'}}]\n"
        "contexts: [{name: x, context: {cluster: loses}}]\n");
    machine.variables["KUBECONFIG"] = one.string() + ":/does/not/exist:" + two.string();
    CHECK(machine.connect({.service_account = machine.folder}).origin == "http://env:1");

    const auto given =
        machine.file("given", config("server: 'http://given:1'", "tokenFile: token"));
    const auto connection = machine.connect({.kubeconfig = given});
    CHECK(connection.origin == "http://given:1");
    CHECK(connection.token_file == machine.folder / "token");
}

TEST_CASE("what is not supported is said, with what to use instead", "[kube]") {
    struct Row {
        const char* cluster;
        const char* user;
        const char* said;
    };
    const Row rows[]{
        {"server: 'https://a:1'", "exec: {command: aws}", "`exec`"},
        {"server: 'https://a:1'", "auth-provider: {name: gcp}", "`auth-provider`"},
        {"server: 'https://a:1'", "username: x, password: hush", "`username`"},
        {"server: 'https://a:1'", "as: admin", "`as`"},
        {"server: 'https://a:1', proxy-url: 'http://p'", "token: t", "`proxy-url`"},
        {"server: 'https://a:1', tls-server-name: b", "token: t", "`tls-server-name`"},
        {"server: 'a:1'", "token: t", "https://host:6443"},
        {"server: 'https://a:1'", "client-certificate-data: Q0VSVA==", "go together"},
        {"server: 'https://a:1', certificate-authority-data: '*'", "token: t", "not base64"},
        {"server: 'https://a:1', certificate-authority: nope.pem", "token: t", "nope.pem"},
        {"server: 'https://a:1', insecure-skip-tls-verify: yes please",
         "token: t",
         "true or false"},
        {"server: 'https://a:1'", "token: [hush]", "must be text"},
    };
    for (const auto& row : rows) {
        const Machine machine;
        machine.file(".kube/config", config(row.cluster, row.user));
        INFO(row.cluster << " " << row.user);
        CHECK_THAT(machine.refusal(), Contains(row.said) && !Contains("hush"));
    }
}

TEST_CASE("a kubeconfig that is broken is told by its name", "[kube]") {
    const Machine machine;
    const auto refusal = [&](const std::string& content, ConnectionOptions options = {}) {
        machine.file(".kube/config", content);
        return machine.refusal(std::move(options));
    };
    CHECK_THAT(refusal("a: [b"), Contains(".kube/config"));
    CHECK_THAT(refusal("- a"), Contains("not a YAML mapping"));
    CHECK_THAT(refusal("contexts: [{name: a}, {name: b}]"),
               Contains("--context") && Contains("a, b"));
    CHECK_THAT(refusal("current-context: a"), Contains("no context \"a\""));
    CHECK_THAT(refusal(config("server: 'https://a:1'", "token: t"), {.context = "prod"}),
               Contains("it has main, other"));
    CHECK_THAT(machine.refusal({.kubeconfig = "/no/such"}), Contains("/no/such does not exist"));
}

}  // namespace oms::kube
