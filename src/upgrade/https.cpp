#include "upgrade/https.hpp"

#include "base/error.hpp"
#include "oms/names.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace oms::upgrade {
namespace {

constexpr std::size_t kPemBytesMax = 256U << 10U;  // a chain has some KiB

bool is_mounted(const runtime::Container& container, std::string_view path) {
    const auto folder = path.substr(0, path.rfind('/'));
    return std::any_of(
        container.mounts.begin(), container.mounts.end(), [&](const runtime::Mount& mount) {
            return mount.target == path || mount.target == folder;
        });
}

/// Reads a file of the pair; Terminal only says that it is none that can be read.
using Read = std::function<std::optional<std::string>(std::string_view path)>;

std::string read_or_throw(const Read& read, std::string_view path, const std::string& what) {
    auto text = read(path);
    if (!text) throw Terminal("there is no " + what);
    return *std::move(text);
}

/// Whatever is wrong with them, but for a host that does not answer.
HttpsPair look_at_pair(std::string named,
                       const std::pair<std::string, std::string>& paths,
                       const Read& read,
                       Time now) {
    HttpsPair pair{.named = std::move(named), .trouble = {}, .certificate = {}, .seen = now};
    std::string at = paths.first;
    try {
        const std::string certificate = read_or_throw(read, paths.first, "certificate");
        pair.certificate = read_certificate(certificate);
        at = paths.second;
        const Secret key(read_or_throw(read, paths.second, "key"));
        if (!is_key_of(certificate, key))
            throw Terminal("it is not the key of the certificate at " + paths.first);
    } catch (const Terminal& error) {
        pair.trouble = at + ": " + error.what();
    }
    return pair;
}

}  // namespace

bool speaks_https(const runtime::Container& container) {
    return is_mounted(container, kHttpsCertificatePath);
}

std::optional<std::string> shown_certificate(const runtime::Host& host,
                                             const runtime::Container& container) {
    try {
        return host.read_file(container.name, kHttpsCertificatePath, kPemBytesMax);
    } catch (const Terminal&) {
        return std::nullopt;  // a finding of its own
    }
}

std::vector<HttpsPair> survey_https(const Target& target,
                                    const Tools& tools,
                                    std::size_t node,
                                    const runtime::Container& container) {
    std::vector<HttpsPair> pairs;
    const runtime::Host& host = tools.host(node);
    if (speaks_https(container) || is_mounted(container, kHttpsKeyPath)) {
        pairs.push_back(look_at_pair(
            "of " + container.name,
            {std::string(kHttpsCertificatePath), std::string(kHttpsKeyPath)},
            [&](std::string_view path) -> std::optional<std::string> {
                if (!is_mounted(container, path)) return std::nullopt;
                return host.read_file(container.name, path, kPemBytesMax);
            },
            tools.now()));
    }
    if (const auto& wanted = target.spec.https) {
        pairs.push_back(look_at_pair(
            "of spec.https",
            {wanted->certificate, wanted->key},
            [&](std::string_view path) {
                return host.read_host_file(container.image_id, path, kPemBytesMax);
            },
            tools.now()));
    }
    return pairs;
}

bool will_speak_https(const Target& target, std::size_t node) {
    if (target.spec.https) return true;
    runtime::Container seen;
    for (const auto& mount : target.before.nodes.at(node).mounts)
        seen.mounts.push_back({.source = mount.source, .target = mount.target});
    return speaks_https(seen);
}

std::vector<runtime::Mount> https_mounts(const Target& target) {
    const auto& wanted = target.spec.https;
    if (!wanted) return {};
    return {{wanted->certificate, std::string(kHttpsCertificatePath)},
            {wanted->key, std::string(kHttpsKeyPath)}};
}

}  // namespace oms::upgrade
