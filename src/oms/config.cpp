#include "oms/config.hpp"

#include "oms/config_keys.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace oms {
namespace {

constexpr std::size_t kShownMax = 80;

std::string quoted(const std::string& value) {
    return "\"" + (value.size() > kShownMax ? value.substr(0, kShownMax) + "..." : value) + "\"";
}

/// Reads values of config.yaml, and notes each that is missing or not of its type. What it notes
/// never holds a value of a key that may be secret.
class Reader {
public:
    Reader(const YamlNode& root, std::vector<ConfigProblem>& problems)
        : root_(root), problems_(problems) {}

    std::string text(const std::string& key, const std::string& example) {
        const YamlNode* value = find_value(root_, key);
        if (value == nullptr) {
            note(key, "is missing", "add it, like `" + key + ": " + example + "`");
        } else if (value->kind == YamlNode::Kind::Null ||
                   (value->is_scalar() && value->value.empty())) {
            note(key, "has no value", "give it one, like `" + key + ": " + example + "`");
        } else if (!value->is_scalar()) {
            note(key, "is a list or a map", "write one value, like `" + key + ": " + example + "`");
        } else {
            return value->value;
        }
        return {};
    }

    std::optional<std::string> text_if_there(const std::string& key) {
        const YamlNode* value = find_value(root_, key);
        if (value == nullptr || value->kind == YamlNode::Kind::Null) return std::nullopt;
        return text(key, "\"...\"");
    }

    int number(const std::string& key, int min, int max, const std::string& example) {
        const std::string digits = text(key, example);
        if (digits.empty()) return min;
        int number = 0;
        const char* end = digits.data() + digits.size();
        const auto [stop, error] = std::from_chars(digits.data(), end, number);
        // A leading zero means octal to some YAML readers and nothing to others.
        const bool plain = stop == end && (digits.size() == 1 || digits.front() != '0');
        if (error == std::errc{} && plain && number >= min && number <= max) return number;
        note(key,
             "is " + quoted(digits) + ", not a whole number from " + std::to_string(min) + " to " +
                 std::to_string(max),
             "write one, like `" + key + ": " + example + "`");
        return min;
    }

    std::uint16_t port(const std::string& key, const std::string& example) {
        return static_cast<std::uint16_t>(number(key, 1, 65535, example));
    }

    std::uint16_t port_or(const std::string& key, std::uint16_t absent) {
        if (find_value(root_, key) == nullptr) return absent;
        return port(key, std::to_string(absent));
    }

    bool yes_or(const std::string& key, bool absent) {
        if (find_value(root_, key) == nullptr) return absent;
        std::string word = text(key, "true");
        std::transform(word.begin(), word.end(), word.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        if (word != "true" && word != "false" && !word.empty())
            note(key, "is " + quoted(word) + ", neither true nor false", "write true or false");
        return word.empty() ? absent : word == "true";
    }

    /// A name that is safe in SQL and as a part of a file's name.
    std::string database(const std::string& key, const std::string& example) {
        constexpr std::size_t kNameMax = 64;
        constexpr std::string_view kNameBytes =
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$-";
        std::string name = text(key, example);
        if (name.size() > kNameMax || name.find_first_not_of(kNameBytes) != std::string::npos) {
            note(key,
                 "is " + quoted(name) + ", which cannot be the name of a database",
                 "write a name of at most 64 letters, digits, _, $ and -");
        }
        return name;
    }

    std::vector<std::string> texts(const std::string& key, const std::string& example) {
        const YamlNode* value = find_value(root_, key);
        if (value == nullptr) {
            note(key, "is missing", "add it as a list, like " + example);
            return {};
        }
        std::vector<std::string> result;
        bool good = value->kind == YamlNode::Kind::Sequence && !value->items.empty();
        for (const auto& item : value->items) {
            good = good && item.is_scalar() && !item.value.empty();
            result.push_back(item.value);
        }
        if (!good) note(key, "is not a list of addresses", "write one, like " + example);
        return result;
    }

    void note(std::string key, std::string what, std::string remedy) {
        problems_.push_back({std::move(key), std::move(what), std::move(remedy)});
    }

private:
    const YamlNode& root_;
    std::vector<ConfigProblem>& problems_;
};

MetaEndpoint read_endpoint(Reader& reader, std::string_view prefix) {
    const std::string name(prefix);
    MetaEndpoint endpoint;
    endpoint.host = reader.text(name + "host", "\"10.0.0.3\"");
    endpoint.port = reader.port(name + "port", "\"2883\"");
    endpoint.user = reader.text(name + "user", "\"oms@tenant#cluster\"");
    endpoint.password = Secret(reader.text(name + "password", "\"...\""));
    return endpoint;
}

Config read_config(const YamlNode& root, MetaKeys keys, std::vector<ConfigProblem>& problems) {
    Reader reader(root, problems);
    Config config;
    config.split = keys == MetaKeys::Split;
    config.rm = read_endpoint(reader, config.split ? kRmPrefix : kJointPrefix);
    config.cm = config.split ? read_endpoint(reader, kCmPrefix) : config.rm;
    config.rm_database = reader.database("drc_rm_db", "\"oms_rm\"");
    config.cm_database = reader.database("drc_cm_db", "\"oms_cm\"");
    config.heartbeat_database = reader.database("drc_cm_heartbeat_db", "\"oms_cm_hb\"");
    config.cm_url = reader.text("cm_url", "\"http://10.0.0.1:8088\"");
    config.cm_location = reader.number("cm_location", 0, 127, "\"0\"");
    config.cm_region = reader.text_if_there("cm_region");
    config.cm_nodes = reader.texts("cm_nodes", "`cm_nodes: [\"10.0.0.1\"]`");
    config.is_default = reader.yes_or("cm_is_default", true);
    OmsPorts& ports = config.ports;
    ports.console = reader.port_or("nginx_server_port", ports.console);
    ports.ghana = reader.port_or("ghana_server_port", ports.ghana);
    ports.cm = reader.port_or("cm_server_port", ports.cm);
    ports.supervisor = reader.port_or("supervisor_server_port", ports.supervisor);
    ports.sshd = reader.port_or("sshd_server_port", ports.sshd);
    return config;
}

void note_doubled_keys(const YamlNode& root, std::vector<ConfigProblem>& problems) {
    for (const auto& doubled : find_doubled_keys(root)) {
        problems.push_back({doubled.key,
                            "stands in lines " + doubled.lines,
                            "keep the line that OMS runs with and delete the others"});
    }
}

void note_wrong_keys(const MetaKeysFound& found,
                     MetaKeys wanted,
                     std::vector<ConfigProblem>& problems) {
    const bool both = !found.joint.empty() && !found.split.empty();
    if (both) {
        problems.push_back(
            {"oms_meta_*",
             "is migrated by half: " + listed(found.joint) + " stand beside " + listed(found.split),
             wanted == MetaKeys::Joint ? "put back the config.yaml this OMS was started with"
                                       : "delete oms_meta_* and write all of oms_rm_meta_* and "
                                         "oms_cm_meta_*"});
    } else if (wanted == MetaKeys::Joint && !found.split.empty()) {
        problems.push_back({"oms_meta_*",
                            "is migrated to oms_rm_meta_* and oms_cm_meta_* already, which an OMS "
                            "below 4.3.1 does not read",
                            "put back the config.yaml this OMS was started with: in place of the "
                            "eight keys oms_meta_host, oms_meta_port, oms_meta_user and "
                            "oms_meta_password with the values of oms_rm_meta_*; the upgrade "
                            "migrates it once OMS is stopped"});
    } else if (wanted == MetaKeys::Split && !found.joint.empty()) {
        problems.push_back({"oms_meta_*",
                            "has to be deleted for OMS 4.3.1, or connection strings may be lost",
                            "write its values as oms_rm_meta_* and oms_cm_meta_*"});
    }
}

void note_password(const std::string& key,
                   const Secret& password,
                   std::vector<ConfigProblem>& problems) {
    if (password.reveal().find_first_of(kForbiddenInPasswords) == std::string::npos) return;
    problems.push_back({key,
                        "holds a space, a line end or one of |\"'`()=;/&[]{}, which scripts of OMS "
                        "trip over",
                        "change the password in MetaDB and here"});
}

bool names_loopback(const std::string& url) {
    constexpr std::array<std::string_view, 4> kLoopbacks{
        "//127.", "//localhost", "//[::1]", "//0.0.0.0"};
    return std::any_of(kLoopbacks.begin(), kLoopbacks.end(), [&](std::string_view host) {
        return url.find(host) != std::string::npos;
    });
}

void note_url(const std::string& url, std::vector<ConfigProblem>& problems) {
    if (url.empty()) return;
    const bool http = url.starts_with("http://") || url.starts_with("https://");
    const auto host = http ? url.substr(url.find("//") + 2) : std::string{};
    if (host.empty() || host.find_first_of(" \t\n") != std::string::npos || host.front() == ':') {
        problems.push_back({"cm_url",
                            "is " + quoted(url) + ", not a URL",
                            "write http://, an address and a port: \"http://10.0.0.1:8088\""});
    } else if (names_loopback(url)) {
        problems.push_back({"cm_url",
                            "is " + quoted(url) + ", which every node takes for itself",
                            "write an address that all nodes reach, never 127.0.0.1"});
    }
}

void note_databases(const Config& config, std::vector<ConfigProblem>& problems) {
    const bool one_server = config.rm.host == config.cm.host && config.rm.port == config.cm.port;
    const auto compare = [&](const char* key,
                             const std::string& name,
                             const std::string& other,
                             const char* other_key) {
        if (name.empty() || name != other) return;
        problems.push_back({key,
                            "is " + quoted(name) + ", as " + other_key + " is",
                            "give each of the three databases a name of its own"});
    };
    compare("drc_cm_heartbeat_db", config.heartbeat_database, config.cm_database, "drc_cm_db");
    if (!one_server) return;
    compare("drc_cm_db", config.cm_database, config.rm_database, "drc_rm_db");
    compare("drc_cm_heartbeat_db", config.heartbeat_database, config.rm_database, "drc_rm_db");
}

void note_nodes(const Config& config, std::vector<ConfigProblem>& problems) {
    std::set<std::string> seen;
    for (const auto& node : config.cm_nodes) {
        if (!node.empty() && !seen.insert(node).second) {
            problems.push_back(
                {"cm_nodes", "names " + quoted(node) + " twice", "name every node once"});
        }
    }
}

void note_forbidden_values(const Config& config, std::vector<ConfigProblem>& problems) {
    if (config.split) {
        note_password("oms_rm_meta_password", config.rm.password, problems);
        note_password("oms_cm_meta_password", config.cm.password, problems);
    } else {
        note_password("oms_meta_password", config.rm.password, problems);
    }
    note_url(config.cm_url, problems);
    note_databases(config, problems);
    note_nodes(config, problems);
}

std::string_view without_mark(std::string_view text) {
    return text.substr(byte_order_mark(text).size());
}

}  // namespace

MetaKeys meta_keys_of(const Version& version) {
    const bool split = version >= Version{4, 3, 1, ""} && !is_community(version);
    return split ? MetaKeys::Split : MetaKeys::Joint;
}

Config parse_config(std::string_view text) {
    const YamlNode root = read_yaml_map(without_mark(text));
    std::vector<ConfigProblem> problems;
    note_doubled_keys(root, problems);
    const MetaKeysFound found = find_meta_keys(root);
    const MetaKeys keys = found.split.empty() ? MetaKeys::Joint : MetaKeys::Split;
    note_wrong_keys(found, keys, problems);
    Config config = read_config(root, keys, problems);
    if (problems.empty()) return config;
    std::string message = "config.yaml cannot be used";
    for (const auto& problem : problems)
        message += "; " + problem.key + " " + problem.what + ": " + problem.remedy;
    throw Terminal(message);
}

std::vector<ConfigProblem> check_config(std::string_view text, const Version& for_version) {
    return check_config(text, meta_keys_of(for_version));
}

std::vector<ConfigProblem> check_config(std::string_view text, MetaKeys wanted) {
    std::vector<ConfigProblem> problems;
    try {
        const YamlNode root = read_yaml_map(without_mark(text));
        note_doubled_keys(root, problems);
        const MetaKeysFound found = find_meta_keys(root);
        note_wrong_keys(found, wanted, problems);
        // A file wholly of the other kind misses no single key: that was said above.
        const bool other_joint = found.split.empty() && !found.joint.empty();
        const bool other_split = found.joint.empty() && !found.split.empty();
        MetaKeys read_as = wanted;
        if (other_joint) read_as = MetaKeys::Joint;
        if (other_split) read_as = MetaKeys::Split;
        note_forbidden_values(read_config(root, read_as, problems), problems);
    } catch (const Unreadable& error) {
        problems.push_back({"", error.wrong, error.remedy});
    }
    return problems;
}

}  // namespace oms
