#pragma once

#include "base/secret.hpp"
#include "oms/version.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oms {

/// config.yaml of OMS (oms-facts 3), at most this big.
inline constexpr std::size_t kConfigBytesMax = 1U << 20U;

/// How config.yaml names MetaDB: four keys oms_meta_* for all of it (OMS up to 4.3.0), or eight,
/// oms_rm_meta_* and oms_cm_meta_* (from 4.3.1 on).
enum class MetaKeys { Joint, Split };

/// What a release reads. (OMS 4.3.1 deployed by OAT below 4.3.2 keeps the joint ones: procedure,
/// "Modify the config.yaml file", Notice. Whoever knows about OAT says so by name.)
MetaKeys meta_keys_of(const Version&);

/// One connection to MetaDB.
struct MetaEndpoint {
    std::string host;
    std::uint16_t port = 0;
    std::string user;
    Secret password;

    bool operator==(const MetaEndpoint&) const = default;
};

/// Ports of OMS on its host network.
struct OmsPorts {
    std::uint16_t console = 8089;  // nginx_server_port; serves /oms/health
    std::uint16_t ghana = 8090;
    std::uint16_t cm = 8088;
    std::uint16_t supervisor = 9000;
    std::uint16_t sshd = 2023;

    bool operator==(const OmsPorts&) const = default;
};

/// What an upgrade needs to know of config.yaml.
struct Config {
    MetaEndpoint rm;
    MetaEndpoint cm;     // also holds the heartbeat database; equals `rm` with joint keys
    bool split = false;  // the eight keys are there
    std::string rm_database;
    std::string cm_database;
    std::string heartbeat_database;  // every region has its own
    std::string cm_url;              // "http://10.0.0.1:8088"
    int cm_location = 0;             // 0..127, one per region
    std::optional<std::string> cm_region;
    std::vector<std::string> cm_nodes;  // every node of the region
    bool is_default = true;             // cm_is_default; true in exactly one region
    OmsPorts ports;

    bool operator==(const Config&) const = default;
};

/// One thing that is wrong with a config.yaml.
struct ConfigProblem {
    std::string key;  // empty when it is about the whole file
    std::string what;
    std::string remedy;

    bool operator==(const ConfigProblem&) const = default;
};

/// Reads config.yaml with either kind of keys. Throws Terminal that names every line or key it
/// cannot read, and never holds a password.
Config parse_config(std::string_view text);

/// Everything that is wrong with a config.yaml for a release, at once; empty when it is fit for it.
/// More than parse_config asks: no values OMS documents as forbidden, and keys of one kind only.
std::vector<ConfigProblem> check_config(std::string_view text, const Version& for_version);
std::vector<ConfigProblem> check_config(std::string_view text, MetaKeys wanted);

/// Turns joint keys into split ones (procedure, "Modify the config.yaml file"): each oms_meta_X
/// becomes oms_cm_meta_X and oms_rm_meta_X of the same value, where it stood; of keys that stand
/// together first all of cm, then all of rm, as in the procedure's sample. Every other byte stays:
/// comments, order, quotes, line ends. A file that is split already comes back as it is.
///
/// The result was read again and holds the same values. Throws Terminal, never returning a file
/// that may be wrong, when the text is not a config.yaml, holds some keys of both kinds, or writes
/// the four keys in a way that cannot be edited line by line.
std::string split_meta_keys(std::string_view text);

/// Where a cm database that is separated from rm lives, as config.yaml says it.
struct SeparateCm {
    MetaEndpoint place;
    std::map<std::string, std::string> names;  // new names of databases by their old ones
};

/// A config.yaml with split keys whose cm connection, and the names of its cm and heartbeat
/// databases, are those of the separate place. Every other byte stays, as in split_meta_keys, and
/// the result was read again. Throws Terminal also when user or password hold what config.yaml does
/// not allow (oms-facts 3).
std::string separate_cm(std::string_view split_text, const SeparateCm&);

/// The same text with every secret (a key that ends in password, secret or access_key, at any
/// depth, also commented out) shown as "***". For a person's eyes; a text that cannot be read as
/// YAML is not shown at all.
std::string mask_passwords(std::string_view text);

/// Another text, as a script's log, with every value that such a key of config.yaml has shown as
/// "***", wherever it stands. Values of less than three characters are not looked for. Empty when
/// `config` cannot be read as YAML: then nobody knows what to hide.
std::optional<std::string> mask_values(std::string_view config, std::string text);

}  // namespace oms
