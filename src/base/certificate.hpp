#pragma once

#include "base/clock.hpp"
#include "base/secret.hpp"

#include <string>

namespace oms {

/// The certificate of a server: what can be said of it without asking anybody.
struct Certificate {
    std::string subject;  // "CN = oms.example.com", for a person
    Time not_before;
    Time not_after;

    bool operator==(const Certificate&) const = default;
};

/// Reads the first certificate of a PEM text: a server's own comes before those of its issuers.
/// Throws Terminal when there is none.
Certificate read_certificate(const std::string& pem);

/// Does the key belong to the first certificate? Throws Terminal when one of the two is no PEM, or
/// the key is encrypted: nginx would ask for its passphrase and not come up.
bool is_key_of(const std::string& certificate_pem, const Secret& key_pem);

}  // namespace oms
