#pragma once

#include "base/permit.hpp"
#include "http/watched_transport.hpp"
#include "runtime/host.hpp"

#include <memory>
#include <optional>
#include <string>

namespace oms::docker {

/// A host whose Docker daemon is spoken to over `transport`. Nothing is sent before it is used, and
/// nothing that changes it without the permit.
std::unique_ptr<runtime::Host> make_docker_host(std::unique_ptr<http::Transport> transport,
                                                Permit permit = {});

/// By its endpoint, as in the manifest: "unix:///var/run/docker.sock", "tcp://10.0.0.1:2376" (with
/// `tls` over TLS). Throws Terminal when it is neither.
std::unique_ptr<runtime::Host> make_docker_host(const std::string& endpoint,
                                                std::optional<http::Tls> tls = {},
                                                Permit permit = {},
                                                http::OnAnswer on_answer = {});

}  // namespace oms::docker
