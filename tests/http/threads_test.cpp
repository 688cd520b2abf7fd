#include "http/contract.hpp"

#include <thread>

namespace oms::http {
namespace {

// Goal: one transport serves many threads; none gets another one's answer.
// Method: each thread asks for its own name, many times, while one is stopped in a silent stream.
TEST_CASE("several threads share one transport", "[http][threads]") {
    const auto server = Server::on_unix([](Peer& peer) {
        while (const auto request = peer.read_request()) {
            const std::string name = request->substr(5, request->find(' ', 5) - 5);
            if (name == "silent") return peer.wait_for_close();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(name.size()) +
                       "\r\n\r\n" + name);
        }
    });
    const auto transport = make_unix_transport(server->path());
    std::atomic<int> right = 0;
    std::atomic<bool> stopped = false;
    std::stop_source stop;
    std::thread silent([&] {
        Request request = get(1h);
        request.target = "/silent";
        request.stop = stop.get_token();
        try {
            transport->stream(request, [](std::string_view) { return true; });
        } catch (const Stopped&) {
            stopped = true;
        }
    });
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 6; ++thread) {
        threads.emplace_back([&, thread] {
            for (int i = 0; i < 50; ++i) {
                Request request = get();
                const std::string name = std::to_string(thread) + "-" + std::to_string(i);
                request.target = "/" + name;
                if (i % 10 == 0) request.method = "PUT";
                if (transport->send(request).body == name) ++right;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    stop.request_stop();
    silent.join();
    CHECK(right == 6 * 50);
    CHECK(stopped);
}

}  // namespace
}  // namespace oms::http
