#include "http/request_head.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace oms::http {
namespace {

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20U || c == 0x7F;
}

bool is_token(std::string_view text) {
    return !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
        return is_control(c) || c == ' ' || c == ':' || static_cast<unsigned char>(c) > 0x7EU;
    });
}

bool is_target(std::string_view text) {
    return text.starts_with('/') && std::none_of(text.begin(), text.end(), [](char c) {
               return is_control(c) || c == ' ' || c == '#' ||
                      static_cast<unsigned char>(c) > 0x7EU;
           });
}

}  // namespace

std::string describe(const Request& request, std::string_view server) {
    const std::string_view target = request.target;
    return request.method + " " + std::string(target.substr(0, target.find('?'))) + " at " +
           std::string(server);
}

void check_head(const Request& request, std::string_view server) {
    const auto refuse = [&](std::string_view what) {
        throw Terminal("not sent: a request to " + std::string(server) + " with " +
                       std::string(what) + ", which HTTP does not allow");
    };
    if (!is_token(request.method)) refuse("an impossible method");
    if (!is_target(request.target)) refuse("a target that is not percent-encoded");
    for (const auto& [name, value] : request.headers) {
        if (!is_token(name)) refuse("an impossible header name");
        if (std::any_of(
                value.begin(), value.end(), [](char c) { return is_control(c) && c != '\t'; }))
            refuse("a line break or control character in header " + name);
    }
}

std::string render_head(const Request& request) {
    std::string head = request.method + " " + request.target + " HTTP/1.1\r\nHost: localhost\r\n";
    for (const auto& [name, value] : request.headers) head += name + ": " + value + "\r\n";
    if (request.source && request.source_size == 0) {
        head += "Transfer-Encoding: chunked\r\n";
    } else if (request.source) {
        head += "Content-Length: " + std::to_string(request.source_size) + "\r\n";
    } else if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD")) {
        head += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    }
    return head + "\r\n";
}

}  // namespace oms::http
