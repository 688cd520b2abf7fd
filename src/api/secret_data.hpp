#pragma once

#include "api/oms_upgrade.hpp"
#include "base/secret.hpp"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>

namespace oms::api {

/// What a Secret holds, decoded.
struct SecretData {
    std::map<std::string, Secret> values;  // "tls.key" -> its bytes

    bool operator==(const SecretData&) const = default;
};

/// A Secret of a manifest or of an API server, and what is wrong with it; no problem shows a value.
struct ReadSecret {
    Key key;
    SecretData data;
    std::vector<Problem> problems;
};

/// Reads `data` (base64) and `stringData`, which wins where both have a key.
ReadSecret read_secret(const nlohmann::json&);

}  // namespace oms::api
