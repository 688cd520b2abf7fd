#include "base/certificate.hpp"

#include "base/error.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

namespace oms {
namespace {

struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

Owned<BIO> as_bio(const std::string& text) {
    return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Owned<X509> parse_certificate(const std::string& pem) {
    const auto bio = as_bio(pem);
    Owned<X509> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    if (!certificate) throw Terminal("it holds no certificate in PEM");
    return certificate;
}

/// An encrypted key must fail, and not ask for its passphrase on the terminal.
int no_passphrase(char*, int, int, void*) {
    return 0;
}

Owned<EVP_PKEY> parse_key(const Secret& pem) {
    const auto bio = as_bio(pem.reveal());
    Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
    ERR_clear_error();
    if (!key) throw Terminal("it holds no unencrypted private key in PEM");
    return key;
}

Time to_time(const ASN1_TIME* time) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
        ERR_clear_error();
        throw Terminal("its certificate says no time that can be read");
    }
    return Clock::from_time_t(timegm(&parts));
}

std::string subject_of(const X509& certificate) {
    const Owned<BIO> text(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(text.get(),
                       X509_get_subject_name(&certificate),
                       0,
                       XN_FLAG_ONELINE & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(text.get(), &bytes);
    return size > 0 ? std::string(bytes, static_cast<std::size_t>(size)) : "";
}

}  // namespace

Certificate read_certificate(const std::string& pem) {
    const auto certificate = parse_certificate(pem);
    return {.subject = subject_of(*certificate),
            .not_before = to_time(X509_get0_notBefore(certificate.get())),
            .not_after = to_time(X509_get0_notAfter(certificate.get()))};
}

bool is_key_of(const std::string& certificate_pem, const Secret& key_pem) {
    const auto certificate = parse_certificate(certificate_pem);
    const auto key = parse_key(key_pem);
    const bool fits = X509_check_private_key(certificate.get(), key.get()) == 1;
    ERR_clear_error();
    return fits;
}

}  // namespace oms
