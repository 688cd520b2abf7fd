#pragma once

#include "base/permit.hpp"
#include "http/transport.hpp"

#include <nlohmann/json_fwd.hpp>

#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace oms::docker {

/// Requests to a Docker daemon in the newest API version that both sides speak, and its errors as
/// ours. Safe to use from several threads at once.
class EngineApi {
public:
    explicit EngineApi(std::unique_ptr<http::Transport> transport, Permit permit = {});

    /// A request whose target lacks the version yet: "/containers/json".
    http::Request request(std::string_view method, std::string target) const;
    /// With a JSON body.
    http::Request request(std::string_view method,
                          std::string target,
                          const nlohmann::json& body) const;

    /// Sends it; what is no GET or HEAD only while there is a permit to. An answer that is neither
    /// a 2xx nor one of `also` is thrown, by `check`.
    http::Response send(http::Request, std::initializer_list<int> also = {}) const;
    http::Response stream(http::Request,
                          const http::OnBytes&,
                          std::initializer_list<int> also = {}) const;

    /// Sends it, and reads the answer as JSON; empty when it is a 404.
    std::optional<nlohmann::json> find(std::string target) const;

    /// The version in use, e.g. "1.41". Asks the daemon the first time.
    std::string version() const;

private:
    std::string prepare(http::Request&) const;
    std::string ask_version() const;
    void forget_version_on(const http::Response&) const;

    const std::unique_ptr<http::Transport> transport_;
    const Permit permit_;
    mutable std::mutex mutex_;
    mutable std::string version_;
};

/// The daemon's own words for an error: its {"message": ...}, or the beginning of what it sent.
std::string message_of(const http::Response&);

/// Reads JSON; throws Terminal when the daemon sent something else.
nlohmann::json parse_answer(const std::string& text, std::string_view from);

/// Throws Transient or Terminal for an error the daemon reported with this status.
[[noreturn]] void fail(int status, const std::string& message, std::string_view tried);

/// Words that mean that no retry can help, whatever the status: a full disk, a missing right.
bool is_permanent(std::string_view message);

/// The newest version both speak, given the daemon's newest. Throws Terminal when there is none.
std::string negotiate(std::string_view newest_of_daemon);

}  // namespace oms::docker
