#include "integration/docker/site.hpp"

#include "catch.hpp"

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <utility>

namespace oms {
namespace {

class Recording final : public http::Transport {
public:
    Recording(std::unique_ptr<http::Transport> inner,
              std::shared_ptr<std::vector<http::Request>> requests)
        : inner_(std::move(inner)), requests_(std::move(requests)) {}

    http::Response send(const http::Request& request) override {
        note(request);
        return inner_->send(request);
    }
    http::Response stream(const http::Request& request, const http::OnBytes& on_bytes) override {
        note(request);
        return inner_->stream(request, on_bytes);
    }

private:
    void note(const http::Request& request) {
        const std::lock_guard guard(mutex_);
        requests_->push_back(request);
    }

    std::mutex mutex_;
    std::unique_ptr<http::Transport> inner_;
    std::shared_ptr<std::vector<http::Request>> requests_;
};

/// The command's output and how it ended.
std::pair<std::string, int> run_command(const std::string& command) {
    FILE* pipe = ::popen(("{ " + command + "; } 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string said;
    std::array<char, 4096> buffer{};
    while (const auto size = std::fread(buffer.data(), 1, buffer.size(), pipe))
        said.append(buffer.data(), size);
    const int status = ::pclose(pipe);
    while (!said.empty() && said.back() == '\n') said.pop_back();
    return {said, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

}  // namespace

std::string from_bed(const char* variable) {
    const char* value = std::getenv(variable);
    if (value == nullptr)
        FAIL(variable << " is not set: this test needs tests/bed/run --docker-tls");
    return value;
}

std::string shell(const std::string& command) {
    const auto [said, status] = run_command(command);
    INFO(command << "\n" << said);
    REQUIRE(status == 0);
    return said;
}

Site::Site(const std::string& prefix)
    : prefix_(prefix), requests_(std::make_shared<std::vector<http::Request>>()) {
    const std::string endpoint = from_bed("OMS_TEST_DOCKER");
    host_ = docker::make_docker_host(std::make_unique<Recording>(
        http::make_unix_transport(endpoint.substr(std::string("unix://").size())), requests_));
    folder_ = shell("mktemp -d \"${OMS_TEST_DIR:-/tmp}/site.XXXXXX\"");
    if (!host_->find_image("oms-test:old"))
        shell(std::string(OMS_SOURCE_DIR) + "/tests/integration/docker/make-image | docker -H " +
              endpoint +
              " import -c 'ENV PATH=/bin OF_IMAGE=old' -c 'LABEL of=image' -c 'CMD [\"sleep\", "
              "\"100000\"]' - oms-test:old");
}

Site::~Site() {
    const char* endpoint = std::getenv("OMS_TEST_DOCKER");
    if (endpoint == nullptr) return;
    const std::string docker = std::string("docker -H ") + endpoint;
    run_command(docker + " ps -aq --filter name=^/" + prefix_ + " | xargs -r " + docker +
                " rm -fv");
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::string Site::cli(const std::string& arguments) const {
    return shell("docker -H " + from_bed("OMS_TEST_DOCKER") + " " + arguments);
}

void Site::run(const std::string& name, const std::string& options) const {
    cli("run -d --net none --name " + name + " " + options +
        " oms-test:old sh -c 'trap \"exit 0\" "
        "TERM; while :; do sleep 0.1; done'");
}

}  // namespace oms
