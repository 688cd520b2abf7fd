#include "kube/kubeconfig.hpp"

#include "api/yaml.hpp"
#include "base/base64.hpp"
#include "base/error.hpp"
#include "base/files.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <utility>

namespace oms::kube {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr std::uint64_t kFileBytesMax = 1U << 20U;

/// What cannot be done with a kubeconfig, and what to do instead.
struct Unsupported {
    const char* key;
    const char* instead;
};

constexpr const char* kTokenInstead =
    "make a token for the operator (kubectl create token) and put it in `token` or `tokenFile`, or "
    "use a client certificate";

constexpr std::array<Unsupported, 2> kUnsupportedOfCluster{{
    {"proxy-url", "give the operator a way to the API server without a proxy"},
    {"tls-server-name", "use the name in `server` that the server's certificate was issued for"},
}};

constexpr std::array<Unsupported, 7> kUnsupportedOfUser{{
    {"exec", kTokenInstead},
    {"auth-provider", kTokenInstead},
    {"username", kTokenInstead},
    {"password", kTokenInstead},
    {"as", "make a context whose user has the rights itself"},
    {"as-uid", "make a context whose user has the rights itself"},
    {"as-groups", "make a context whose user has the rights itself"},
}};

/// One part of a kubeconfig with the folder its relative paths are meant in.
struct Part {
    std::string name;  // "cluster prod of /root/.kube/config"
    fs::path folder;
    Json value = Json::object();
};

template <std::size_t N>
void refuse_unsupported(const Part& part, const std::array<Unsupported, N>& keys) {
    for (const auto& [key, instead] : keys) {
        if (part.value.contains(key) && !part.value[key].is_null() && part.value[key] != "") {
            throw Terminal(part.name + " has `" + key +
                           "`, which oms-operator does not support: " + instead);
        }
    }
}

std::string text(const Part& part, const char* key) {
    const auto found = part.value.find(key);
    if (found == part.value.end() || found->is_null()) return {};
    if (!found->is_string()) throw Terminal(part.name + ": `" + key + "` must be text");
    return found->get<std::string>();
}

bool flag(const Part& part, const char* key) {
    const auto found = part.value.find(key);
    if (found == part.value.end() || found->is_null()) return false;
    if (!found->is_boolean()) throw Terminal(part.name + ": `" + key + "` must be true or false");
    return found->get<bool>();
}

/// `key`-data in base64, or else the file that `key` names.
std::string data_or_file(const Part& part, const std::string& key) {
    const std::string data_key = key + "-data";
    if (const auto encoded = text(part, data_key.c_str()); !encoded.empty()) {
        auto data = from_base64(encoded);
        if (!data) throw Terminal(part.name + ": `" + data_key + "` is not base64");
        return *std::move(data);
    }
    const auto name = text(part, key.c_str());
    if (name.empty()) return {};
    auto content = read_whole(part.folder / name, kFileBytesMax);
    if (!content) {
        throw Terminal(part.name + ": there is no file " + (part.folder / name).string() +
                       ", which `" + key + "` names");
    }
    return *std::move(content);
}

struct File {
    fs::path path;
    Json content;
};

class Kubeconfig {
public:
    explicit Kubeconfig(const std::vector<fs::path>& files) {
        std::string names;
        for (const auto& file : files) {
            names += (names.empty() ? "" : ", ") + file.string();
            if (auto content = read_whole(file, kFileBytesMax)) add(file, *content);
        }
        if (files_.empty()) throw Terminal("there is no kubeconfig: " + names + " does not exist");
    }

    std::string current_context() const {
        for (const auto& file : files_)
            if (auto name = text(root_of(file), "current-context"); !name.empty()) return name;
        throw Terminal(files_.front().path.string() +
                       " has no current-context: choose one with --context (" + names("contexts") +
                       ")");
    }

    /// The first entry of that name in `list` ("clusters"), which holds a `kind` ("cluster").
    Part part(const std::string& list, const std::string& kind, const std::string& name) const {
        for (const auto& file : files_) {
            const auto* found = entry(file.content, list, name);
            if (found == nullptr) continue;
            Part part{kind + " " + name + " of " + file.path.string(),
                      fs::absolute(file.path).parent_path()};
            if (found->contains(kind) && (*found)[kind].is_object()) part.value = (*found)[kind];
            return part;
        }
        throw Terminal(files_.front().path.string() + " has no " + kind + " \"" + name +
                       "\"; it has " + names(list));
    }

private:
    void add(const fs::path& path, const std::string& content) {
        Json json;
        try {
            json = api::yaml_to_json(content);
        } catch (const Terminal& failure) {
            throw Terminal("cannot read kubeconfig " + path.string() + ": " + failure.what());
        }
        if (!json.is_object()) {
            throw Terminal("cannot read kubeconfig " + path.string() +
                           ": it is not a YAML mapping");
        }
        files_.push_back({path, std::move(json)});
    }

    static Part root_of(const File& file) {
        return {file.path.string(), file.path.parent_path(), file.content};
    }

    static const Json* entry(const Json& content,
                             const std::string& list,
                             const std::string& name) {
        const auto found = content.find(list);
        if (found == content.end() || !found->is_array()) return nullptr;
        for (const auto& candidate : *found)
            if (candidate.is_object() && candidate.value("name", Json()) == name) return &candidate;
        return nullptr;
    }

    std::string names(const std::string& list) const {
        std::string all;
        for (const auto& file : files_) {
            const auto found = file.content.find(list);
            if (found == file.content.end() || !found->is_array()) continue;
            for (const auto& candidate : *found) {
                if (candidate.is_object() && candidate.value("name", Json()).is_string())
                    all += (all.empty() ? "" : ", ") + candidate["name"].get<std::string>();
            }
        }
        return all.empty() ? "none" : all;
    }

    std::vector<File> files_;
};

void read_cluster(Connection& connection, const Part& cluster) {
    refuse_unsupported(cluster, kUnsupportedOfCluster);
    const auto server = text(cluster, "server");
    const auto scheme_end = server.find("://");
    if (scheme_end == std::string::npos)
        throw Terminal(cluster.name + ": `server` must be an address like https://host:6443");
    const auto path = std::min(server.find('/', scheme_end + 3), server.size());
    connection.origin = server.substr(0, path);
    connection.prefix = server.substr(path);
    while (connection.prefix.ends_with('/')) connection.prefix.pop_back();
    connection.tls.ca = data_or_file(cluster, "certificate-authority");
    connection.tls.insecure_skip_verify = flag(cluster, "insecure-skip-tls-verify");
}

void read_user(Connection& connection, const Part& user) {
    refuse_unsupported(user, kUnsupportedOfUser);
    connection.tls.certificate = data_or_file(user, "client-certificate");
    connection.tls.key = Secret(data_or_file(user, "client-key"));
    if (connection.tls.certificate.empty() != connection.tls.key.empty()) {
        throw Terminal(user.name +
                       ": `client-certificate` and `client-key` go together, and only "
                       "one of them is given");
    }
    connection.token = Secret(text(user, "token"));
    if (const auto file = text(user, "tokenFile"); !file.empty())
        connection.token_file = user.folder / file;
}

}  // namespace

Connection read_kubeconfig(const std::vector<fs::path>& files,
                           const std::optional<std::string>& context) {
    const Kubeconfig config(files);
    const auto name = context ? *context : config.current_context();
    const Part chosen = config.part("contexts", "context", name);

    Connection connection;
    connection.source = chosen.name;
    if (auto space = text(chosen, "namespace"); !space.empty()) connection.space = std::move(space);
    read_cluster(connection, config.part("clusters", "cluster", text(chosen, "cluster")));
    if (const auto user = text(chosen, "user"); !user.empty())
        read_user(connection, config.part("users", "user", user));
    return connection;
}

}  // namespace oms::kube
