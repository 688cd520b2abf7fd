#include "http/tls_client.hpp"

#include "base/error.hpp"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <mutex>
#include <string_view>
#include <utility>

namespace oms::http {
namespace {

// cpprestsdk's pool threads end after OpenSSL's own atexit cleanup, and would use what it has freed
// or leave their share of it behind. This must come before anybody else's use of OpenSSL.
[[maybe_unused]] const int kNoCleanupAtExit = OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);

template <class T, void (*kFree)(T*)>
struct Free {
    void operator()(T* what) const { kFree(what); }
};
using Certificate = std::unique_ptr<X509, Free<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY, EVP_PKEY_free>>;
using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX, SSL_CTX_free>>;

struct FreeBio {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

Bio as_bio(const std::string& text) {
    return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Certificate next_certificate(BIO* bio) {
    return Certificate(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr));
}

/// An encrypted key must fail, and not ask for its passphrase on the terminal.
int no_passphrase(char*, int, int, void*) {
    return 0;
}

void trust_only(SSL_CTX* context, const std::string& ca) {
    X509_STORE* store = X509_STORE_new();
    SSL_CTX_set_cert_store(context, store);  // owns it; the system's certificates are gone
    const Bio bio = as_bio(ca);
    int count = 0;
    while (const auto certificate = next_certificate(bio.get())) {
        X509_STORE_add_cert(store, certificate.get());
        ++count;
    }
    ERR_clear_error();  // the end of the text is an error to OpenSSL
    if (count == 0) throw Terminal("TLS: the CA holds no certificate in PEM");
}

void show(SSL_CTX* context, const std::string& chain, const Secret& key_pem) {
    const Bio bio = as_bio(chain);
    const auto own = next_certificate(bio.get());
    if (!own || SSL_CTX_use_certificate(context, own.get()) != 1) {
        ERR_clear_error();
        throw Terminal("TLS: the client certificate is not a certificate in PEM");
    }
    while (auto issuer = next_certificate(bio.get()))
        if (SSL_CTX_add_extra_chain_cert(context, issuer.get()) == 1) (void)issuer.release();
    const Bio key_bio = as_bio(key_pem.reveal());
    const Key key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, no_passphrase, nullptr));
    const bool fits = key && SSL_CTX_use_PrivateKey(context, key.get()) == 1 &&
                      SSL_CTX_check_private_key(context) == 1;
    ERR_clear_error();
    if (!fits) {
        throw Terminal(
            "TLS: the client key is not an unencrypted key in PEM, or belongs to another "
            "certificate");
    }
}

bool about_certificates(int alert) {
    switch (alert) {
        case SSL_AD_HANDSHAKE_FAILURE:  // how TLS 1.2 says that a certificate is required
        case SSL_AD_BAD_CERTIFICATE:
        case SSL_AD_UNSUPPORTED_CERTIFICATE:
        case SSL_AD_CERTIFICATE_REVOKED:
        case SSL_AD_CERTIFICATE_EXPIRED:
        case SSL_AD_CERTIFICATE_UNKNOWN:
        case SSL_AD_UNKNOWN_CA:
        case SSL_AD_ACCESS_DENIED:
        case SSL_AD_PROTOCOL_VERSION:
        case SSL_AD_CERTIFICATE_REQUIRED:
            return true;
        default:
            return false;
    }
}

}  // namespace

struct TlsClient::Notes {
    std::mutex mutex;
    std::optional<std::string> refusal;
};

/// What OpenSSL calls back. They find their way to us through a slot of the context, which holds a
/// shared_ptr: a connection may outlive the transport that made it.
struct TlsClient::Hooks {
    using Owner = std::shared_ptr<TlsClient>;

    static int slot() {
        static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, drop);
        return index;
    }

    static void drop(void*, void* owner, CRYPTO_EX_DATA*, int, long, void*) {
        delete static_cast<Owner*>(owner);
    }

    static int verify_pinned(X509_STORE_CTX* store, void* self) {
        auto* client = static_cast<TlsClient*>(self);
        const Bio bio = as_bio(client->tls_.pinned);
        const auto wanted = next_certificate(bio.get());
        X509* shown = X509_STORE_CTX_get0_cert(store);
        if (wanted && shown != nullptr && X509_cmp(wanted.get(), shown) == 0) {
            X509_STORE_CTX_set_error(store, X509_V_OK);
            return 1;
        }
        X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
        client->note_refusal("the server shows another certificate than the one expected");
        return 0;
    }

    static int verify(X509_STORE_CTX* store, void* self) {
        const int good = X509_verify_cert(store);
        if (good == 1) return 1;
        const int error = X509_STORE_CTX_get_error(store);
        // The host name is checked by a callback of Boost's that leaves no error code behind.
        const bool by_name = error == X509_V_OK || error == X509_V_ERR_UNSPECIFIED;
        static_cast<TlsClient*>(self)->note_refusal(
            std::string("the server's certificate is not trusted: ") +
            (by_name ? "it is not for this host name" : X509_verify_cert_error_string(error)));
        return good;
    }

    static void info(const SSL* ssl, int where, int alert) {
        const bool received = (where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT;
        if (!received || !about_certificates(alert & 0xFF)) return;
        const auto* owner = static_cast<Owner*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), slot()));
        if (owner != nullptr) {
            (*owner)->note_refusal(std::string("the server refused our TLS credentials: ") +
                                   SSL_alert_desc_string_long(alert));
        }
    }
};

TlsClient::TlsClient(Tls tls) : tls_(std::move(tls)), notes_(std::make_shared<Notes>()) {}

std::shared_ptr<TlsClient> TlsClient::make(Tls tls) {
    std::shared_ptr<TlsClient> client(new TlsClient(std::move(tls)));
    const Context trial(SSL_CTX_new(TLS_client_method()));
    client->prepare(trial.get());
    return client;
}

void TlsClient::prepare(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    if (!tls_.ca.empty()) trust_only(context, tls_.ca);
    if (!tls_.certificate.empty() || !tls_.key.empty()) show(context, tls_.certificate, tls_.key);
    if (SSL_CTX_get_ex_data(context, Hooks::slot()) == nullptr)
        SSL_CTX_set_ex_data(context, Hooks::slot(), new Hooks::Owner(shared_from_this()));
    SSL_CTX_set_info_callback(context, &Hooks::info);
    const bool is_pinned = !tls_.pinned.empty();
    if (is_pinned && !next_certificate(as_bio(tls_.pinned).get())) {
        ERR_clear_error();
        throw Terminal("TLS: the certificate to expect is not a certificate in PEM");
    }
    if (verifies()) {
        SSL_CTX_set_cert_verify_callback(
            context, is_pinned ? &Hooks::verify_pinned : &Hooks::verify, this);
    }
}

std::optional<std::string> TlsClient::take_refusal() {
    const std::lock_guard lock(notes_->mutex);
    return std::exchange(notes_->refusal, std::nullopt);
}

void TlsClient::note_refusal(std::string why) {
    const std::lock_guard lock(notes_->mutex);
    notes_->refusal = std::move(why);
}

}  // namespace oms::http
