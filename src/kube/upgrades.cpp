#include "kube/upgrades.hpp"

#include "api/json.hpp"
#include "base/error.hpp"
#include "kube/merge_patch.hpp"
#include "kube/skim.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace oms::kube {
namespace {

/// Empty when there is none of that name.
std::string_view member(std::string_view object, std::string_view name) {
    if (!is_object(object)) return {};
    for (Members members(object); const auto member = members.next();)
        if (member->key == name) return member->value;
    return {};
}

std::string name_of(const api::Key& key) {
    return key.space + "/" + key.name;
}

}  // namespace

std::string upgrades_path(std::string_view space) {
    std::string path = "/apis/" + std::string(api::kGroup) + "/" + std::string(api::kVersion);
    if (!space.empty()) path += "/namespaces/" + http::encode(space);
    return path + "/" + std::string(api::kPlural);
}

std::string upgrade_path(const api::Key& key) {
    return upgrades_path(key.space) + "/" + http::encode(key.name);
}

api::OmsUpgrade read_upgrade(std::string_view object) {
    return api::from_stored(parse(object));
}

api::OmsUpgrade read_run(const Seen& seen, std::string_view object) {
    api::OmsUpgrade found;
    const std::string_view spec = member(member(member(object, "status"), "run"), "spec");
    if (!spec.empty())
        found = read_upgrade(R"({"status":{"run":{"spec":)" + std::string(spec) + "}}}");
    found.key = seen.key;
    return found;
}

api::OmsUpgrade read_standing(const Seen& seen, std::string_view object) {
    const auto part = [](std::string_view value) {
        return std::string(value.empty() ? "null" : value);
    };
    auto found =
        read_upgrade(R"({"spec":{"rollback":)" + part(member(member(object, "spec"), "rollback")) +
                     R"(},"status":)" + part(member(object, "status")) + "}");
    found.key = seen.key;
    found.uid = seen.uid;
    return found;
}

std::optional<api::OmsUpgrade> Upgrades::find(const api::Key& key, const Call& call) const {
    const auto text = client_.find(upgrade_path(key), call);
    if (!text) return std::nullopt;
    return read_upgrade(*text);
}

void Upgrades::list(const std::string& space,
                    const std::function<void(api::OmsUpgrade)>& each,
                    const Call& call) const {
    client_.list(
        upgrades_path(space), [&](std::string_view object) { each(read_upgrade(object)); }, call);
}

std::optional<std::string> Upgrades::write_status(const api::OmsUpgrade& read,
                                                  const api::Status& wanted,
                                                  const Call& call) {
    auto difference = merge_patch(api::to_json(read.status), api::to_json(wanted));
    if (difference.empty()) return read.resource_version;
    return patch(upgrade_path(read.key) + "/status",
                 read,
                 nlohmann::json{{"status", std::move(difference)}},
                 call);
}

std::optional<std::string> Upgrades::hold(const api::OmsUpgrade& read, const Call& call) {
    auto wanted = read.finalizers;
    if (std::find(wanted.begin(), wanted.end(), api::kFinalizer) == wanted.end())
        wanted.emplace_back(api::kFinalizer);
    return write_finalizers(read, wanted, call);
}

std::optional<std::string> Upgrades::release(const api::OmsUpgrade& read, const Call& call) {
    auto wanted = read.finalizers;
    std::erase(wanted, api::kFinalizer);
    return write_finalizers(read, wanted, call);
}

std::optional<std::string> Upgrades::write_finalizers(const api::OmsUpgrade& read,
                                                      const std::vector<std::string>& wanted,
                                                      const Call& call) {
    if (wanted == read.finalizers) return read.resource_version;
    return patch(
        upgrade_path(read.key), read, nlohmann::json{{"metadata", {{"finalizers", wanted}}}}, call);
}

std::optional<std::string> Upgrades::patch(const std::string& path,
                                           const api::OmsUpgrade& read,
                                           nlohmann::json patch,
                                           const Call& call) {
    patch["metadata"]["resourceVersion"] = read.resource_version;
    const auto text = client_.patch(path, Patch::Merge, patch, call);
    if (!text) return std::nullopt;
    return digest(*text).resource_version;
}

std::optional<api::SecretData> Upgrades::find_secret(const api::Key& key, const Call& call) const {
    const auto text = client_.find(
        "/api/v1/namespaces/" + http::encode(key.space) + "/secrets/" + http::encode(key.name),
        call);
    if (!text) return std::nullopt;
    auto secret = api::read_secret(parse(*text));
    if (!secret.problems.empty()) {
        throw Terminal("Secret " + name_of(key) + " cannot be read: " +
                       secret.problems.front().path + ": " + secret.problems.front().message);
    }
    return std::move(secret.data);
}

}  // namespace oms::kube
