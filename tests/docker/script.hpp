#pragma once

#include "http/transport.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace oms::fakes {

/// A daemon in a few lines: a function from a request to its answer.
class Script final : public http::Transport {
public:
    using Answer = std::function<http::Response(const http::Request&)>;

    Script(std::vector<http::Request>& seen, Answer answer)
        : seen_(seen), answer_(std::move(answer)) {}

    http::Response send(const http::Request& request) override {
        seen_.push_back(request);
        if (request.target == "/_ping")
            return {.status = 200, .headers = {{"Api-Version", "1.41"}}, .body = "OK"};
        return answer_(request);
    }

    http::Response stream(const http::Request& request, const http::OnBytes& on_bytes) override {
        if (request.source) {
            std::string buffer(1000, '\0');
            while (request.source(buffer.data(), buffer.size()) > 0) {}
        }
        http::Response response = send(request);
        if (response.status / 100 != 2) return response;
        // In pieces, as a network does.
        for (std::size_t at = 0; at < response.body.size(); at += 7)
            if (!on_bytes(std::string_view(response.body).substr(at, 7))) break;
        response.body.clear();
        return response;
    }

private:
    std::vector<http::Request>& seen_;
    Answer answer_;
};

inline http::Response reply(int status, std::string body = {}) {
    return {.status = status, .headers = {}, .body = std::move(body)};
}

}  // namespace oms::fakes
