#pragma once

#include "base/error.hpp"
#include "catch.hpp"
#include "http/server.hpp"
#include "http/transport.hpp"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

// What both transports promise, said once: each test file runs it over its own kind of socket.
namespace oms::http {

using namespace std::chrono_literals;
using fakes::Peer;
using fakes::Server;

struct Kind {
    std::function<std::unique_ptr<Server>(Server::Serve)> serve;
    std::function<std::unique_ptr<Transport>(const Server&)> connect;
};

/// A server that answers each request on a connection with `answer`, as given.
inline Server::Serve answering(std::string answer) {
    return [answer = std::move(answer)](Peer& peer) {
        while (peer.read_request()) peer.write(answer);
    };
}

inline const std::string kChunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    "6\r\nhello \r\n5;ext=1\r\nworld\r\n0\r\n\r\n";

inline Request get(std::chrono::milliseconds timeout = 20s) {
    Request request;
    request.target = "/x";
    request.timeout = timeout;
    return request;
}

inline void check_whole_answers(const Kind& kind) {
    SECTION("with a length, a status and headers") {
        const auto server = kind.serve(answering(
            "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\nApi-Version: 1.41\r\n\r\nno!"));
        const Response response = kind.connect(*server)->send(get());
        CHECK(response.status == 404);
        CHECK(response.body == "no!");
        CHECK(response.header("api-version") == "1.41");
    }
    SECTION("in chunks") {
        const auto server = kind.serve(answering(kChunked));
        CHECK(kind.connect(*server)->send(get()).body == "hello world");
    }
    SECTION("that end with the connection") {
        const auto server = kind.serve([](Peer& peer) {
            if (peer.read_request()) peer.write("HTTP/1.1 200 OK\r\n\r\nuntil the end");
        });
        CHECK(kind.connect(*server)->send(get()).body == "until the end");
    }
    SECTION("without a body") {
        const auto server = kind.serve(answering("HTTP/1.1 204 No Content\r\n\r\n"));
        CHECK(kind.connect(*server)->send(get()).status == 204);
    }
    SECTION("to HEAD, whose length is of a body that does not come") {
        const auto server =
            kind.serve(answering("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nX-A: b\r\n\r\n"));
        const auto transport = kind.connect(*server);
        Request request = get();
        request.method = "HEAD";
        CHECK(transport->send(request).header("X-A") == "b");
        CHECK(transport->send(request).status == 200);
    }
    SECTION("that redirect, which are not followed") {
        const auto server = kind.serve(answering(
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"));
        CHECK(kind.connect(*server)->send(get()).status == 302);
    }
}

// Goal: however the network cuts an answer, it is read alike.
// Method: send it in two writes, cut at every place; the second one is only written after the
// client can have seen the first (they may still arrive together: then it is the uncut case).
inline void check_split_answers(const Kind& kind) {
    std::size_t cut = 0;
    const auto server = kind.serve([&cut](Peer& peer) {
        while (peer.read_request()) {
            peer.write(std::string_view(kChunked).substr(0, cut));
            std::this_thread::yield();
            peer.write(std::string_view(kChunked).substr(cut));
        }
    });
    const auto transport = kind.connect(*server);
    for (cut = 0; cut < kChunked.size(); ++cut) {
        INFO("cut at " << cut);
        CHECK(transport->send(get()).body == "hello world");
    }
}

/// cpprestsdk leaves out the space that most others write.
inline bool has_header(const std::string& request,
                       const std::string& name,
                       const std::string& value) {
    return request.find("\r\n" + name + ": " + value + "\r\n") != std::string::npos ||
           request.find("\r\n" + name + ":" + value + "\r\n") != std::string::npos;
}

inline void check_requests(const Kind& kind) {
    std::string seen;
    const auto server = kind.serve([&seen](Peer& peer) {
        while (auto request = peer.read_request()) {
            seen = *request;
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        }
    });
    const auto transport = kind.connect(*server);
    Request request = get();
    request.method = "POST";
    request.target = "/a%2Fb?c=%7B%22x%22%7D&d=1";
    request.headers = {{"Content-Type", "application/json"}, {"X-Own", "1"}};

    SECTION("with a body from memory") {
        request.body = "{\"a\":1}";
        transport->send(request);
        CHECK(seen.starts_with("POST /a%2Fb?c=%7B%22x%22%7D&d=1 HTTP/1.1\r\n"));
        CHECK(has_header(seen, "Content-Type", "application/json"));
        CHECK(has_header(seen, "X-Own", "1"));
        CHECK(seen.ends_with("\r\n\r\n{\"a\":1}"));
    }
    SECTION("without any body") {
        transport->send(request);
        CHECK(has_header(seen, "Content-Length", "0"));
    }
    SECTION("with a body from a source of known size") {
        request.source_size = 3'000'000;
        std::size_t left = request.source_size;
        request.source = [&left](char* buffer, std::size_t size) {
            const std::size_t now = std::min(size, left);
            std::fill_n(buffer, now, 'z');
            left -= now;
            return now;
        };
        transport->send(request);
        CHECK(has_header(seen, "Content-Length", "3000000"));
        const bool whole = seen.substr(seen.find("\r\n\r\n") + 4) == std::string(3'000'000, 'z');
        CHECK(whole);
    }
    SECTION("with a body from a source of unknown size, in chunks") {
        std::vector<std::string> pieces{"two", "one"};
        request.source = [&pieces](char* buffer, std::size_t) -> std::size_t {
            if (pieces.empty()) return 0;
            const std::string piece = pieces.back();
            pieces.pop_back();
            std::copy(piece.begin(), piece.end(), buffer);
            return piece.size();
        };
        transport->send(request);
        CHECK(has_header(seen, "Transfer-Encoding", "chunked"));
        CHECK_THAT(seen, Catch::Contains("3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"));
    }
}

// Goal: a line of a watch is handed on when it comes, not when the next one does.
// Method: the server writes a line only after the test has got the one before.
inline void check_streams(const Kind& kind) {
    std::mutex mutex;
    std::condition_variable got_one;
    int got = 0;
    const auto server = kind.serve([&](Peer& peer) {
        if (!peer.read_request()) return;
        peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int line = 0; line < 3; ++line) {
            std::unique_lock lock(mutex);
            got_one.wait(lock, [&] { return got == line; });
            peer.write("5\r\nline\n\r\n");
        }
        peer.wait_for_close();
    });
    const auto transport = kind.connect(*server);
    std::string all;
    const Response response = transport->stream(get(), [&](std::string_view bytes) {
        all += bytes;
        const std::lock_guard lock(mutex);
        got = static_cast<int>(std::count(all.begin(), all.end(), '\n'));
        got_one.notify_all();
        return got < 3;
    });
    CHECK(all == "line\nline\nline\n");
    CHECK(response.status == 200);
    CHECK(response.body.empty());
}

inline void check_refused_stream(const Kind& kind) {
    const auto server =
        kind.serve(answering("HTTP/1.1 410 Gone\r\nContent-Length: 7\r\n\r\ntoo old"));
    const Response response = kind.connect(*server)->stream(get(), [](std::string_view) {
        FAIL_CHECK("the body of a refusal is no part of the stream");
        return true;
    });
    CHECK(response.status == 410);
    CHECK(response.body == "too old");
}

inline void check_failures(const Kind& kind) {
    SECTION("silence") {
        const auto server = kind.serve([](Peer& peer) { peer.wait_for_close(); });
        CHECK_THROWS_AS(kind.connect(*server)->send(get(50ms)), Transient);
    }
    SECTION("silence in the middle of a stream") {
        const auto server = kind.serve([](Peer& peer) {
            peer.read_request();
            peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
            peer.wait_for_close();
        });
        std::string got;
        CHECK_THROWS_AS(kind.connect(*server)->stream(get(200ms),
                                                      [&](std::string_view bytes) {
                                                          got += bytes;
                                                          return true;
                                                      }),
                        Transient);
        CHECK(got == "one");
    }
    SECTION("a connection closed without an answer") {
        const auto server = kind.serve([](Peer& peer) { peer.read_request(); });
        CHECK_THROWS_AS(kind.connect(*server)->send(get()), Transient);
    }
    SECTION("a connection closed in the middle of an answer") {
        const auto server = kind.serve([](Peer& peer) {
            peer.read_request();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        });
        CHECK_THROWS_AS(kind.connect(*server)->send(get()), Transient);
    }
    SECTION("an answer over its limit") {
        const auto server =
            kind.serve(answering("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789"));
        Request request = get();
        request.body_max = 8;
        CHECK_THROWS_AS(kind.connect(*server)->send(request), Terminal);
        request.body_max = 9;
        CHECK(kind.connect(*server)->send(request).body == "123456789");
    }
    SECTION("what throws in the reader of a stream is the caller's") {
        const auto server = kind.serve(answering(kChunked));
        CHECK_THROWS_AS(kind.connect(*server)->stream(
                            get(), [](std::string_view) -> bool { throw std::out_of_range("x"); }),
                        std::out_of_range);
    }
    SECTION("nobody there") {
        auto server = kind.serve([](Peer&) {});
        const auto transport = kind.connect(*server);
        server.reset();
        CHECK_THROWS_AS(transport->send(get()), Transient);
    }
}

// Goal: a stop ends a call that waits for a server that says nothing.
// Method: the server asks for the stop when the request is there, and never answers.
inline void check_stop(const Kind& kind) {
    std::stop_source stop;
    const auto server = kind.serve([&stop](Peer& peer) {
        if (!peer.read_request()) return;
        stop.request_stop();
        peer.wait_for_close();
    });
    Request request = get(1h);
    request.stop = stop.get_token();
    const auto transport = kind.connect(*server);
    CHECK_THROWS_AS(transport->send(request), Stopped);
    CHECK_THROWS_AS(transport->send(request), Stopped);  // asked before: nothing is sent
    CHECK(server->connections() == 1);
}

// Goal: a kept connection that the server has closed in between is no failure.
// Method: a server that answers once per connection, promising to keep it, and closes.
inline void check_kept_connections(const Kind& kind) {
    SECTION("are used again") {
        const auto server = kind.serve(answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
        const auto transport = kind.connect(*server);
        for (int i = 0; i < 20; ++i) CHECK(transport->send(get()).body == "ok");
        // cpprestsdk may give a connection back a moment after the answer is whole.
        CHECK(server->connections() < 20);
    }
    SECTION("and closed by the server in between") {
        const auto server = kind.serve([](Peer& peer) {
            peer.read_request();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        const auto transport = kind.connect(*server);
        for (int i = 0; i < 20; ++i) CHECK(transport->send(get()).body == "ok");
        CHECK(server->connections() == 20);
    }
    SECTION("and closed by the server when the next request comes") {
        const auto server = kind.serve([](Peer& peer) {
            peer.read_request();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            peer.read_request();
        });
        const auto transport = kind.connect(*server);
        for (int i = 0; i < 5; ++i) CHECK(transport->send(get()).body == "ok");
    }
}

}  // namespace oms::http
