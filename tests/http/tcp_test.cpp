#include "http/contract.hpp"

#include <future>

namespace oms::http {
namespace {

Kind over_tcp() {
    return {.serve = [](Server::Serve serve) { return Server::on_tcp(std::move(serve)); },
            .connect = [](const Server& server) { return make_tcp_transport(server.url()); }};
}

TEST_CASE("TCP brings whole answers", "[http][tcp]") {
    check_whole_answers(over_tcp());
}
TEST_CASE("TCP brings answers cut anywhere", "[http][tcp]") {
    check_split_answers(over_tcp());
}
TEST_CASE("TCP takes requests as they were said", "[http][tcp]") {
    check_requests(over_tcp());
}
TEST_CASE("TCP brings a stream as it comes", "[http][tcp]") {
    check_streams(over_tcp());
}
TEST_CASE("a refused stream over TCP has a body to read", "[http][tcp]") {
    check_refused_stream(over_tcp());
}
TEST_CASE("what goes wrong on TCP is told apart", "[http][tcp]") {
    check_failures(over_tcp());
}
TEST_CASE("a stop ends a wait on TCP", "[http][tcp]") {
    check_stop(over_tcp());
}
TEST_CASE("connections over TCP are kept", "[http][tcp]") {
    check_kept_connections(over_tcp());
}

TEST_CASE("an address that is none is refused when it is given", "[http][tcp]") {
    const std::string url =
        GENERATE("", "127.0.0.1:2375", "ftp://127.0.0.1", "http://", "http://a b");
    INFO(url);
    CHECK_THROWS_AS(make_tcp_transport(url), Terminal);
}

// Goal: a reader that is slow holds its server back; nothing piles up in our memory.
// Method: the reader does not return from its first piece before the server finds no more room to
// write, which must be long before all of it is written.
TEST_CASE("a slow reader of a stream over TCP is waited for", "[http][tcp]") {
    constexpr std::size_t kSize = 256U << 20U;
    const std::string zeros(1U << 16U, '0');
    std::promise<std::size_t> stalled;
    const auto server = Server::on_tcp([&](Peer& peer) {
        peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kSize) + "\r\n\r\n");
        std::size_t written = 0;
        while (written < kSize) {
            const auto size = peer.write_now(zeros, 500ms);
            if (size == 0) break;
            written += size;
        }
        stalled.set_value(written);
        peer.wait_for_close();
    });
    make_tcp_transport(server->url())->stream(get(), [&](std::string_view) {
        CHECK(stalled.get_future().get() < kSize / 2);
        return false;
    });
}

}  // namespace
}  // namespace oms::http
