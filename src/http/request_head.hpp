#pragma once

#include "http/transport.hpp"

#include <string>
#include <string_view>

namespace oms::http {

/// "GET /v1.41/info at unix:///var/run/docker.sock", for messages. The query is left out: it is
/// long, and some APIs put secrets there.
std::string describe(const Request&, std::string_view server);

/// Throws Terminal when a part of the request would break the head apart (a line break in a
/// header, a space in the target): such a value came from outside and must not reach the wire.
void check_head(const Request&, std::string_view server);

/// Method, target, Host, the headers given and the ones that frame the body, with the empty line.
std::string render_head(const Request&);

}  // namespace oms::http
