#include "base/error.hpp"
#include "catch.hpp"
#include "http/health_server.hpp"
#include "http/transport.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <unistd.h>

namespace oms::http {
namespace {

/// /live is well, /ready as the test says; there is nothing else.
struct Probed {
    std::atomic<bool> ready = false;
    HealthServer server;

    explicit Probed(const std::string& address = "127.0.0.1:0")
        : server(address, [this](const std::string& path) -> std::optional<bool> {
              if (path == "/live") return true;
              if (path == "/ready") return ready.load();
              return std::nullopt;
          }) {}

    Response ask(const std::string& target, const std::string& host = "127.0.0.1") const {
        Request request;
        request.target = target;
        return make_tcp_transport("http://" + host + ":" + std::to_string(server.port()))
            ->send(request);
    }
};

/// A connection on which anything can be said.
class Raw {
public:
    explicit Raw(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    }
    ~Raw() { ::close(fd_); }
    Raw(const Raw&) = delete;
    Raw& operator=(const Raw&) = delete;

    void say(const std::string& bytes) const {
        (void)::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }

    /// Everything until the server closes.
    std::string hear() const {
        std::string all;
        char piece[4096];
        for (ssize_t got = 0; (got = ::recv(fd_, piece, sizeof(piece), 0)) > 0;)
            all.append(piece, static_cast<std::size_t>(got));
        return all;
    }

private:
    int fd_;
};

TEST_CASE("a probe is answered by what is asked about", "[http][health]") {
    Probed probed;
    CHECK(probed.ask("/live").status == 200);
    CHECK(probed.ask("/live?verbose=1").status == 200);
    CHECK(probed.ask("/ready").status == 503);
    probed.ready = true;
    CHECK(probed.ask("/ready").status == 200);
    CHECK(probed.ask("/metrics").status == 404);
    CHECK(probed.ask("/").status == 404);
}

TEST_CASE("an address without a host is every interface", "[http][health]") {
    const Probed probed(":0");
    CHECK(probed.ask("/live").status == 200);
}

TEST_CASE("a probe that says too much or nothing sensible gets no answer, and the next one does",
          "[http][health]") {
    const Probed probed;
    const std::string said = GENERATE(as<std::string>(),
                                      "\x16\x03\x01 no HTTP at all\r\n\r\n",
                                      "GET /live HTTP/1.1\r\nA: " + std::string(1U << 20U, 'x'));
    const Raw raw(probed.server.port());
    raw.say(said);
    CHECK(raw.hear().find("200") == std::string::npos);
    CHECK(probed.ask("/live").status == 200);
}

TEST_CASE("a probe that is slow holds up no other", "[http][health]") {
    const Probed probed;
    const Raw slow(probed.server.port());
    slow.say("GET /li");
    CHECK(probed.ask("/live").status == 200);
    slow.say("ve HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(slow.hear().find("HTTP/1.1 200 OK") == 0);
}

TEST_CASE("the server ends though a probe has not", "[http][health]") {
    std::optional<Raw> raw;
    {
        const Probed probed;
        raw.emplace(probed.server.port());
        raw->say("GET /li");
    }
    CHECK(raw->hear().empty());
}

TEST_CASE("an address that cannot be listened on is refused in words", "[http][health]") {
    using Catch::Matchers::Contains;
    const auto nobody = [](const std::string&) { return std::optional<bool>(); };
    const auto address = GENERATE(as<std::string>(),
                                  "",
                                  "8081",
                                  ":",
                                  ":http",
                                  ":99999",
                                  "localhost:8081",
                                  "300.1.1.1:1",
                                  ":1x");
    INFO(address);
    CHECK_THROWS_WITH(HealthServer(address, nobody),
                      Contains("'" + address + "'") && Contains("127.0.0.1:8081"));
    const Probed probed;
    const auto taken = "127.0.0.1:" + std::to_string(probed.server.port());
    CHECK_THROWS_AS(HealthServer(taken, nobody), Terminal);
}

}  // namespace
}  // namespace oms::http
