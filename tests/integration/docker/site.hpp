#pragma once

#include "docker/docker_host.hpp"
#include "http/transport.hpp"
#include "runtime/host.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace oms {

/// What the environment says; fails the test loudly when it is unset: run it by tests/bed/run.
std::string from_bed(const char* variable);

/// What a command printed; fails the test when it ends with anything but 0.
std::string shell(const std::string& command);

/// A real Docker host with an image "oms-test:old", and every request to it on record. Containers
/// made here have names that begin with `prefix`, and go away with it.
class Site {
public:
    explicit Site(const std::string& prefix);
    ~Site();
    Site(const Site&) = delete;
    Site& operator=(const Site&) = delete;

    runtime::Host& host() { return *host_; }

    /// Docker's own client: the second witness.
    std::string cli(const std::string& arguments) const;
    /// `docker run -d` with a command that sleeps and ends at once when it is told to.
    void run(const std::string& name, const std::string& options) const;
    std::string name(const std::string& rest) const { return prefix_ + rest; }
    const std::filesystem::path& folder() const { return folder_; }
    const std::vector<http::Request>& requests() const { return *requests_; }

private:
    const std::string prefix_;
    std::filesystem::path folder_;
    std::shared_ptr<std::vector<http::Request>> requests_;
    std::unique_ptr<runtime::Host> host_;
};

}  // namespace oms
