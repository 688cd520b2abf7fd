#pragma once

#include "http/transport.hpp"

#include <memory>
#include <optional>
#include <string>

// What OpenSSL calls SSL_CTX; kept out of this header.
struct ssl_ctx_st;

namespace oms::http {

/// Our side of TLS: whom we trust, who we are, and why a handshake failed. cpprestsdk reports
/// every failed handshake alike; whether a retry can help is only seen in here.
class TlsClient : public std::enable_shared_from_this<TlsClient> {
public:
    /// Throws Terminal when a PEM text is none, or the key is not the certificate's.
    static std::shared_ptr<TlsClient> make(Tls tls);

    /// Prepares the context of one connection, which keeps this alive.
    void prepare(ssl_ctx_st* context);

    bool verifies() const { return !tls_.insecure_skip_verify; }

    /// Why a handshake was refused, by us or by the server; asking forgets it. Empty when the last
    /// failure had nothing to do with certificates.
    std::optional<std::string> take_refusal();

private:
    struct Hooks;

    explicit TlsClient(Tls tls);
    void note_refusal(std::string why);

    const Tls tls_;
    struct Notes;
    const std::shared_ptr<Notes> notes_;
};

}  // namespace oms::http
