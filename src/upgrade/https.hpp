#pragma once

#include "base/certificate.hpp"
#include "runtime/host.hpp"
#include "upgrade/target.hpp"
#include "upgrade/tools.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace oms::upgrade {

/// A certificate and its key, as nginx in an OMS container reads them (procedure, the two https
/// lines of `docker run`).
struct HttpsPair {
    std::string named;                       // "of oms_430", "of spec.https"
    std::optional<std::string> trouble;      // why nginx could not use them
    std::optional<Certificate> certificate;  // what it says, when it can be read
    Time seen;                               // when

    bool operator==(const HttpsPair&) const = default;
};

/// Is a certificate mounted into the container? Then its nginx speaks HTTPS, and nothing else
/// (oms-facts 5.1).
bool speaks_https(const runtime::Container&);

/// The certificate (PEM) that a container's console shows; empty when it cannot be read.
std::optional<std::string> shown_certificate(const runtime::Host&, const runtime::Container&);

/// The pairs that the upgrade relies on: the old container's, and that of spec.https. Throws what
/// the host throws.
std::vector<HttpsPair> survey_https(const Target&,
                                    const Tools&,
                                    std::size_t node,
                                    const runtime::Container&);

/// Will the node's new console speak HTTPS?
bool will_speak_https(const Target&, std::size_t node);

/// What the new container mounts besides what the old one does (spec.https).
std::vector<runtime::Mount> https_mounts(const Target&);

}  // namespace oms::upgrade
