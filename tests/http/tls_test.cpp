#include "http/contract.hpp"

#include <fstream>
#include <sstream>

namespace oms::http {
namespace {

// Certificates as a person makes them, with the openssl command.
struct Certificates {
    Certificates() {
        authority("ca");
        authority("other");
        issue("server", "ca", "subjectAltName=IP:127.0.0.1");
        issue("elsewhere", "ca", "subjectAltName=DNS:oms.example");
        issue("client", "ca", "extendedKeyUsage=clientAuth");
        issue("stranger", "other", "extendedKeyUsage=clientAuth");
    }

    std::string file(const std::string& name) const { return folder.path() + "/" + name; }
    std::string text(const std::string& name) const {
        std::ostringstream all;
        all << std::ifstream(file(name)).rdbuf();
        return all.str();
    }
    Tls client(const std::string& who, const std::string& ca) const {
        return {.ca = text(ca + ".crt"),
                .certificate = text(who + ".crt"),
                .key = Secret(text(who + ".key")),
                .insecure_skip_verify = false};
    }
    fakes::ServerTls server(const std::string& who) const {
        return {.certificate_file = file(who + ".crt"),
                .key_file = file(who + ".key"),
                .client_ca_file = file("ca.crt")};
    }

    fakes::Folder folder;

private:
    void run(const std::string& arguments) const {
        const std::string command =
            "cd " + folder.path() + " && openssl " + arguments + " > log 2>&1";
        INFO(command);
        REQUIRE(std::system(command.c_str()) == 0);
    }
    void authority(const std::string& name) const {
        run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" +
            name + " -keyout " + name + ".key -out " + name + ".crt");
    }
    void issue(const std::string& name, const std::string& ca, const std::string& extension) const {
        std::ofstream(file(name + ".ext")) << extension << "\n";
        run("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name +
            " -keyout " + name + ".key -out " + name + ".csr");
        run("x509 -req -days 2 -in " + name + ".csr -CA " + ca + ".crt -CAkey " + ca +
            ".key -CAcreateserial -extfile " + name + ".ext -out " + name + ".crt");
    }
};

const Certificates& certificates() {
    static const Certificates all;
    return all;
}

Kind over_tls() {
    return {.serve =
                [](Server::Serve serve) {
                    return Server::on_tcp(std::move(serve), certificates().server("server"));
                },
            .connect =
                [](const Server& server) {
                    return make_tcp_transport(server.url(), certificates().client("client", "ca"));
                }};
}

TEST_CASE("TLS with certificates on both sides brings whole answers", "[http][tls]") {
    check_whole_answers(over_tls());
}
TEST_CASE("TLS brings a stream as it comes", "[http][tls]") {
    check_streams(over_tls());
}
TEST_CASE("what goes wrong on TLS is told apart", "[http][tls]") {
    check_failures(over_tls());
}
TEST_CASE("a stop ends a wait on TLS", "[http][tls]") {
    check_stop(over_tls());
}

// A TLS 1.3 server refuses a client's certificate after the client may have begun to write, and
// its words may be lost with the connection then: Transient, and said on one of the next tries.
std::string refusal_of(const std::string& server_name, const std::optional<Tls>& tls) {
    const auto server = Server::on_tcp(answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
                                       certificates().server(server_name));
    const auto transport = make_tcp_transport(server->url(), tls);
    for (int attempt = 0; attempt < 100; ++attempt) {
        try {
            transport->send(get());
            return "it was let through";
        } catch (const Terminal& refusal) {
            return refusal.what();
        } catch (const Transient&) {}
    }
    return "the reason was never heard";
}

TEST_CASE("trust that is missing needs a person, on whichever side", "[http][tls]") {
    using Catch::Contains;
    const Certificates& all = certificates();
    CHECK_THAT(refusal_of("server", all.client("client", "other")), Contains("not trusted"));
    CHECK_THAT(refusal_of("server", std::nullopt), Contains("not trusted"));
    CHECK_THAT(refusal_of("elsewhere", all.client("client", "ca")), Contains("host name"));
    CHECK_THAT(refusal_of("server", all.client("stranger", "ca")), Contains("refused our TLS"));
    Tls nobody = all.client("client", "ca");
    nobody.certificate = {};
    nobody.key = Secret{};
    CHECK_THAT(refusal_of("server", nobody), Contains("refused our TLS"));
}

TEST_CASE("verification can be switched off, by name only", "[http][tls]") {
    Tls tls = certificates().client("client", "other");
    tls.insecure_skip_verify = true;
    CHECK(refusal_of("elsewhere", tls) == "it was let through");
}

TEST_CASE("a pinned certificate is the only one that is let through", "[http][tls]") {
    const Certificates& all = certificates();
    Tls tls = all.client("client", "other");
    // Neither the issuer nor the name would do.
    tls.pinned = all.text("elsewhere.crt");
    CHECK(refusal_of("elsewhere", tls) == "it was let through");
    CHECK_THAT(refusal_of("server", tls), Catch::Contains("another certificate"));
    tls.pinned = "no PEM";
    CHECK_THROWS_AS(make_tcp_transport("https://127.0.0.1:1", tls), Terminal);
}

TEST_CASE("credentials that are none are refused before anything is sent", "[http][tls]") {
    const Certificates& all = certificates();
    const auto make = [](Tls tls) { make_tcp_transport("https://127.0.0.1:1", std::move(tls)); };
    Tls tls = all.client("client", "ca");
    tls.ca = "no PEM";
    CHECK_THROWS_AS(make(tls), Terminal);
    tls = all.client("client", "ca");
    tls.certificate = "no PEM";
    CHECK_THROWS_AS(make(tls), Terminal);
    tls = all.client("client", "ca");
    tls.key = Secret(all.text("server.key"));
    CHECK_THROWS_AS(make(tls), Terminal);
    tls.key = Secret{};
    CHECK_THROWS_AS(make(tls), Terminal);
}

TEST_CASE("a server that is not TLS at all is not trusted blindly", "[http][tls]") {
    const auto server = Server::on_tcp([](Peer& peer) {
        peer.read_some(16);
        peer.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    const auto transport =
        make_tcp_transport("https://127.0.0.1:" + std::to_string(server->port()));
    CHECK_THROWS_AS(transport->send(get()), Failure);
}

}  // namespace
}  // namespace oms::http
