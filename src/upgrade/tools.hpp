#pragma once

#include "base/clock.hpp"
#include "base/progress.hpp"
#include "metadb/backups.hpp"
#include "metadb/meta_db.hpp"
#include "oms/config.hpp"
#include "runtime/host.hpp"
#include "runtime/image_archive.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace oms::upgrade {

using Jobs = std::vector<std::function<void()>>;

/// A call of the console's API.
/// The console of a node.
struct Console {
    std::string url;          // "https://10.0.0.1:8089"
    std::string certificate;  // PEM, that it shows; empty: it speaks HTTP
};

struct ConsoleCall {
    std::string certificate;  // of the console, as above
    std::string url;          // "http://10.0.0.1:8089/api/v2?Action=ListProjects"
    std::string method = "POST";
    std::string body;  // JSON
};

struct ConsoleAnswer {
    int status = 0;
    std::string body;
};

/// Everything outside this process that one upgrade reaches. Opened when first reached.
class Outside {
public:
    virtual ~Outside() = default;

    virtual runtime::Host& host(std::size_t node) = 0;

    /// MetaDB as the rm connection of config.yaml reaches it, and as the cm connection of the OMS
    /// that was there before does. Throw what reading config.yaml throws.
    virtual metadb::MetaDb& rm() = 0;
    virtual metadb::MetaDb& cm() = 0;

    /// Where spec.metaDB.separateCM wants the cm and heartbeat databases, and how OMS reaches it.
    /// Terminal when it is not asked for, or its Secret is not there.
    virtual metadb::MetaDb& separate_cm() = 0;
    virtual MetaEndpoint separate_cm_endpoint() = 0;

    virtual metadb::Backups& backups() = 0;

    /// Size and readability of a file on the operator's disk; empty when it cannot be opened.
    virtual std::optional<std::uint64_t> file_size(const std::string& path) = 0;

    /// What an image archive on the operator's disk says of itself. Terminal when it is none.
    virtual runtime::ImageArchive image_archive(const std::string& path) = 0;

    /// Credentials for the image's registry, from its pull secret.
    virtual std::optional<runtime::RegistryLogin> registry_login() = 0;

    /// Body of a 200 answer to GET, within two seconds; empty for anything else. An https server
    /// must show this certificate (PEM), whoever issued it; with another one it is as if nobody
    /// answered.
    virtual std::optional<std::string> http_get(const std::string& url,
                                                const std::string& certificate) = 0;

    /// The console's answer, whatever its status, to a call with the credentials of spec.console.
    /// No message holds them. Transient when there is no whole answer, Terminal when the Secret is
    /// not there, the answer is over 8 MiB or the console's certificate is not trusted.
    virtual ConsoleAnswer console_call(const ConsoleCall&) = 0;

    /// Returns after the time, or at once when asked to stop.
    virtual void wait(std::chrono::milliseconds, std::stop_token) = 0;

    /// Runs all jobs, as base/at_once.hpp does.
    virtual void at_once(const Jobs&) = 0;
};

/// What a phase is handed. `const Tools&` can only look; `Tools&` can touch.
class Tools {
public:
    Tools(Outside& outside, Now now, ReportProgress report, std::stop_token stop)
        : outside_(outside),
          now_(std::move(now)),
          report_(std::move(report)),
          stop_(std::move(stop)) {}

    runtime::Host& host(std::size_t node) { return outside_.host(node); }
    const runtime::Host& host(std::size_t node) const { return outside_.host(node); }

    metadb::MetaDb& rm() { return outside_.rm(); }
    const metadb::MetaDb& rm() const { return outside_.rm(); }
    metadb::MetaDb& cm() { return outside_.cm(); }
    const metadb::MetaDb& cm() const { return outside_.cm(); }

    metadb::MetaDb& separate_cm() { return outside_.separate_cm(); }
    const metadb::MetaDb& separate_cm() const { return outside_.separate_cm(); }
    MetaEndpoint separate_cm_endpoint() const { return outside_.separate_cm_endpoint(); }

    metadb::Backups& backups() { return outside_.backups(); }
    const metadb::Backups& backups() const { return outside_.backups(); }

    std::optional<std::uint64_t> file_size(const std::string& path) const {
        return outside_.file_size(path);
    }
    std::optional<runtime::RegistryLogin> registry_login() const {
        return outside_.registry_login();
    }
    std::optional<std::string> http_get(const std::string& url,
                                        const std::string& certificate = {}) const {
        return outside_.http_get(url, certificate);
    }
    runtime::ImageArchive image_archive(const std::string& path) const {
        return outside_.image_archive(path);
    }
    ConsoleAnswer console_call(const ConsoleCall& call) const {
        return outside_.console_call(call);
    }
    void wait(std::chrono::milliseconds time) const { outside_.wait(time, stop_); }
    void at_once(const Jobs& jobs) const { outside_.at_once(jobs); }

    Time now() const { return now_(); }
    const ReportProgress& report() const { return report_; }
    std::stop_token stop() const { return stop_; }

private:
    Outside& outside_;
    Now now_;
    ReportProgress report_;
    std::stop_token stop_;
};

}  // namespace oms::upgrade
