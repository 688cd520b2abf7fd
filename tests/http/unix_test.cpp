#include "http/contract.hpp"

#include <sys/stat.h>

#include <unistd.h>

namespace oms::http {
namespace {

Kind over_unix() {
    return {.serve = [](Server::Serve serve) { return Server::on_unix(std::move(serve)); },
            .connect = [](const Server& server) { return make_unix_transport(server.path()); }};
}

TEST_CASE("a unix socket brings whole answers", "[http][unix]") {
    check_whole_answers(over_unix());
}
TEST_CASE("a unix socket brings answers cut anywhere", "[http][unix]") {
    check_split_answers(over_unix());
}
TEST_CASE("a unix socket takes requests as they were said", "[http][unix]") {
    check_requests(over_unix());
}
TEST_CASE("a unix socket brings a stream as it comes", "[http][unix]") {
    check_streams(over_unix());
}
TEST_CASE("a refused stream over a unix socket has a body to read", "[http][unix]") {
    check_refused_stream(over_unix());
}
TEST_CASE("what goes wrong on a unix socket is told apart", "[http][unix]") {
    check_failures(over_unix());
}
TEST_CASE("a stop ends a wait on a unix socket", "[http][unix]") {
    check_stop(over_unix());
}
TEST_CASE("connections to a unix socket are kept", "[http][unix]") {
    check_kept_connections(over_unix());
}

TEST_CASE("one thread needs one connection to a unix socket", "[http][unix]") {
    const auto server =
        Server::on_unix(answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    const auto transport = make_unix_transport(server->path());
    for (int i = 0; i < 20; ++i) transport->send(get());
    CHECK(server->connections() == 1);
}

TEST_CASE("an interim answer is not the answer", "[http][unix]") {
    const auto server = Server::on_unix(answering(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nX: y\r\n\r\n" + kChunked));
    const Response response = make_unix_transport(server->path())->send(get());
    CHECK(response.status == 200);
    CHECK(response.body == "hello world");
}

// docker exec answers so: no length, no chunks, bytes until the connection ends.
TEST_CASE("a raw stream is brought byte by byte until it ends", "[http][unix]") {
    std::mutex mutex;
    std::condition_variable changed;
    std::string got;
    const auto server = Server::on_unix([&](Peer& peer) {
        peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\na");
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return got == "a"; });
        peer.write("b");
    });
    make_unix_transport(server->path())->stream(get(), [&](std::string_view bytes) {
        const std::lock_guard lock(mutex);
        got += bytes;
        changed.notify_all();
        return true;
    });
    CHECK(got == "ab");
}

// Goal: a server that refuses a long upload half way is heard, whatever its socket does then.
// Method: it reads the head only, answers and closes with the rest unread (a reset for us).
TEST_CASE("an answer in the middle of an upload is the answer", "[http][unix]") {
    const auto server = Server::on_unix([](Peer& peer) {
        peer.read_head();
        peer.write("HTTP/1.1 507 Insufficient Storage\r\nContent-Length: 4\r\n\r\nfull");
    });
    Request request = get();
    request.method = "POST";
    request.source = [](char* buffer, std::size_t size) {
        std::fill_n(buffer, size, 'x');
        return size;  // without end
    };
    const Response response = make_unix_transport(server->path())->send(request);
    CHECK(response.status == 507);
    CHECK(response.body == "full");
}

TEST_CASE("a source that gives less than it promised is an error of ours", "[http][unix]") {
    const auto server = Server::on_unix([](Peer& peer) { peer.wait_for_close(); });
    Request request = get();
    request.method = "POST";
    request.source_size = 10;
    request.source = [](char*, std::size_t) -> std::size_t { return 0; };
    CHECK_THROWS_AS(make_unix_transport(server->path())->send(request), Terminal);
}

TEST_CASE("a POST is never sent twice on its own account", "[http][unix]") {
    std::atomic<int> posts = 0;
    const auto server = Server::on_unix([&posts](Peer& peer) {
        while (const auto request = peer.read_request()) {
            if (request->starts_with("POST")) {
                ++posts;
                return;
            }
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        }
    });
    const auto transport = make_unix_transport(server->path());
    transport->send(get());
    Request request = get();
    request.method = "POST";
    CHECK_THROWS_AS(transport->send(request), Transient);
    CHECK(posts == 1);
}

TEST_CASE("answers without sense or measure are refused", "[http][unix]") {
    const std::string answer = GENERATE(
        std::string("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        std::string("HTTP/1.1 2x0 OK\r\n\r\n"),
        "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(200'000, 'x'));
    const auto server = Server::on_unix([&answer](Peer& peer) {
        peer.read_request();
        peer.write(answer);
        peer.wait_for_close();
    });
    CHECK_THROWS_AS(make_unix_transport(server->path())->send(get()), Terminal);
}

TEST_CASE("a socket that is not there may come, one without rights will not", "[http][unix]") {
    const fakes::Folder folder;
    CHECK_THROWS_AS(make_unix_transport(folder.path() + "/none")->send(get()), Transient);
    CHECK_THROWS_AS(make_unix_transport(std::string(200, 'x'))->send(get()), Terminal);
    CHECK_THROWS_AS(make_unix_transport("")->send(get()), Terminal);
}

}  // namespace
}  // namespace oms::http
