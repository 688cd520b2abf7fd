#include "controller/registry_secret.hpp"

#include "base/base64.hpp"
#include "base/error.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <optional>

namespace oms::controller {
namespace {

/// Docker Hub goes by several names in a docker config.
constexpr std::array<std::string_view, 3> kHubNames{
    "docker.io", "index.docker.io", "registry-1.docker.io"};

/// "https://index.docker.io/v1/" -> "index.docker.io"
std::string host_of(std::string_view key) {
    const auto scheme = key.find("://");
    if (scheme != std::string_view::npos) key.remove_prefix(scheme + 3);
    std::string host(key.substr(0, key.find('/')));
    for (const auto name : kHubNames)
        if (host == name) return std::string(kHubNames.front());
    return host;
}

std::string text_at(const nlohmann::json& entry, const char* key) {
    const auto at = entry.find(key);
    return at != entry.end() && at->is_string() ? at->get<std::string>() : std::string{};
}

std::optional<runtime::RegistryLogin> login_of(const nlohmann::json& entry) {
    if (!entry.is_object()) return std::nullopt;
    std::string user = text_at(entry, "username");
    std::string password = text_at(entry, "password");
    if (user.empty()) {
        const std::string both = from_base64(text_at(entry, "auth")).value_or("");
        const auto colon = both.find(':');
        if (colon == std::string::npos) return std::nullopt;
        user = both.substr(0, colon);
        password = both.substr(colon + 1);
    }
    return runtime::RegistryLogin{std::move(user), Secret{std::move(password)}};
}

std::optional<runtime::RegistryLogin> find_login(const nlohmann::json& config,
                                                 const std::string& registry) {
    if (!config.is_object()) return std::nullopt;
    const auto entries = config.find("auths");
    if (entries == config.end() || !entries->is_object()) return std::nullopt;
    for (const auto& [key, entry] : entries->items())
        if (host_of(key) == registry) return login_of(entry);
    return std::nullopt;
}

}  // namespace

std::string registry_of(std::string_view image) {
    const auto slash = image.find('/');
    const std::string_view first = image.substr(0, slash);
    const bool is_host =
        slash != std::string_view::npos &&
        (first.find_first_of(".:") != std::string_view::npos || first == "localhost");
    return host_of(is_host ? first : kHubNames.front());
}

runtime::RegistryLogin read_registry_login(const api::SecretData& secret,
                                           const std::string& name,
                                           std::string_view image) {
    const std::string registry = registry_of(image);
    const auto user = secret.values.find("username");
    const auto password = secret.values.find("password");
    if (user != secret.values.end() && password != secret.values.end())
        return {user->second.reveal(), password->second};
    const auto config = secret.values.find(".dockerconfigjson");
    if (config == secret.values.end()) {
        throw Terminal("the Secret " + name +
                       " is no pull secret: it needs the key .dockerconfigjson, or username and "
                       "password");
    }
    const auto parsed = nlohmann::json::parse(config->second.reveal(), nullptr, false);
    if (auto login = find_login(parsed, registry)) return *login;
    throw Terminal("the Secret " + name + " has no login for the registry " + registry +
                   " in its .dockerconfigjson");
}

}  // namespace oms::controller
