#pragma once

#include "base/error.hpp"
#include "http/transport.hpp"

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace oms::fakes {

/// A server that answers by a script: the first request gets the first answer, and so on. A request
/// after the end of the script throws Stopped, which no client swallows; give it a `default_answer`
/// to go on for ever instead. Keeps every request. Safe to use from several threads.
class FakeTransport final : public http::Transport {
public:
    struct Answer {
        http::Response response{.status = 200, .headers = {}, .body = {}};
        std::vector<std::string> chunks{};  // what a stream delivers, in these pieces
        std::function<void(const http::Request&)> then{};  // last of all: may throw, may wait
    };
    using Serve = std::function<Answer(const http::Request&)>;

    void answer(int status, std::string body, http::Headers headers = {}) {
        add([=](const http::Request&) {
            return Answer{.response = {.status = status, .headers = headers, .body = body}};
        });
    }
    void stream(std::vector<std::string> chunks,
                std::function<void(const http::Request&)> then = {}) {
        add([=](const http::Request&) { return Answer{.chunks = chunks, .then = then}; });
    }
    /// No whole answer comes.
    void fail(const std::string& what = "connection refused") {
        add([=](const http::Request&) -> Answer { throw Transient(what); });
    }
    void add(Serve serve) {
        const std::lock_guard lock(mutex_);
        script_.push_back(std::move(serve));
    }
    void default_answer(Serve serve) {
        const std::lock_guard lock(mutex_);
        default_ = std::move(serve);
    }

    std::vector<http::Request> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }
    /// "GET /path?query" of every request.
    std::vector<std::string> lines() const {
        std::vector<std::string> lines;
        for (const auto& request : requests())
            lines.push_back(request.method + " " + request.target);
        return lines;
    }

    http::Response send(const http::Request& request) override {
        auto answer = take(request)(request);
        for (const auto& chunk : answer.chunks) answer.response.body += chunk;
        if (answer.then) answer.then(request);
        return std::move(answer.response);
    }

    http::Response stream(const http::Request& request, const http::OnBytes& on_bytes) override {
        auto answer = take(request)(request);
        if (answer.response.status / 100 == 2)
            for (const auto& chunk : answer.chunks)
                if (!on_bytes(chunk)) return answer.response;
        if (answer.then) answer.then(request);
        return std::move(answer.response);
    }

private:
    Serve take(const http::Request& request) {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
        if (!script_.empty()) {
            auto next = std::move(script_.front());
            script_.pop_front();
            return next;
        }
        if (!default_) throw Stopped{};
        return default_;
    }

    mutable std::mutex mutex_;
    std::deque<Serve> script_;
    Serve default_;
    std::vector<http::Request> requests_;
};

}  // namespace oms::fakes
