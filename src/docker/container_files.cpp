#include "docker/container_files.hpp"

#include "base/base64.hpp"
#include "base/error.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>

namespace oms::docker {
namespace {

constexpr int kLinksMax = 8;
constexpr std::size_t kTarHeads = 64U << 10U;  // more than the headers around one file ever take

// Bits of Go's os.FileMode, in which the daemon says what a path is.
constexpr std::uint64_t kGoFolder = std::uint64_t{1} << 31U;
constexpr std::uint64_t kGoLink = std::uint64_t{1} << 27U;
constexpr std::uint64_t kGoSpecial = (std::uint64_t{1} << 26U) | (std::uint64_t{1} << 25U) |
                                     (std::uint64_t{1} << 24U) | (std::uint64_t{1} << 21U) |
                                     (std::uint64_t{1} << 19U);

std::string archive_target(const std::string& container, const std::string& path) {
    return "/containers/" + http::encode(container) + "/archive?path=" + http::encode(path);
}

std::string resolve(const std::string& path, const std::string& link_target) {
    const std::filesystem::path target(link_target);
    if (target.is_absolute()) return target.lexically_normal();
    return (std::filesystem::path(path).parent_path() / target).lexically_normal();
}

}  // namespace

PathStat read_path_stat(const std::string& header) {
    const auto text = from_base64(header);
    const auto stat = nlohmann::json::parse(text.value_or(""), nullptr, false);
    if (!stat.is_object() || !stat.contains("mode") || !stat["mode"].is_number_unsigned())
        throw Terminal("docker: the daemon described a file in an unknown way");
    const auto mode = stat["mode"].get<std::uint64_t>();
    PathStat result;
    if ((mode & kGoFolder) != 0) {
        result.kind = PathStat::Kind::Folder;
    } else if ((mode & kGoLink) != 0) {
        result.kind = PathStat::Kind::Link;
    } else if ((mode & kGoSpecial) != 0) {
        result.kind = PathStat::Kind::Other;
    }
    if (stat.contains("size") && stat["size"].is_number_unsigned())
        result.size = stat["size"].get<std::size_t>();
    if (stat.contains("linkTarget") && stat["linkTarget"].is_string())
        result.link_target = stat["linkTarget"].get<std::string>();
    return result;
}

std::optional<FileAt> find_file(const EngineApi& api,
                                const std::string& container,
                                std::string_view path) {
    std::string at(path);
    for (int links = 0; links < kLinksMax; ++links) {
        const auto response = api.send(api.request("HEAD", archive_target(container, at)), {404});
        if (response.status == 404) return std::nullopt;
        const auto header = response.header("X-Docker-Container-Path-Stat");
        const PathStat stat = read_path_stat(header.value_or(""));
        if (stat.kind == PathStat::Kind::File) return FileAt{.path = at, .size = stat.size};
        if (stat.kind != PathStat::Kind::Link)
            throw Terminal("docker: " + at + " in container " + container + " is not a file");
        at = resolve(at, stat.link_target);
    }
    throw Terminal("docker: " + std::string(path) + " in container " + container +
                   " is a chain of symbolic links without an end");
}

std::optional<TarEntry> fetch_file(const EngineApi& api,
                                   const std::string& container,
                                   std::string_view path,
                                   std::size_t bytes_max) {
    const auto file = find_file(api, container, path);
    if (!file) return std::nullopt;
    const auto refuse_if_larger = [&](std::size_t size) {
        if (size > bytes_max) {
            throw Terminal("docker: " + std::string(path) + " in container " + container + " has " +
                           std::to_string(size) + " bytes; at most " + std::to_string(bytes_max) +
                           " were expected");
        }
    };
    refuse_if_larger(file->size);
    auto request = api.request("GET", archive_target(container, file->path));
    request.body_max = bytes_max + kTarHeads;
    const auto response = api.send(request, {404});
    if (response.status == 404) return std::nullopt;
    auto entry = read_tar(response.body);
    if (!entry || entry->kind != TarEntry::Kind::File)
        throw Transient("docker: " + file->path + " was exchanged while it was read");
    refuse_if_larger(entry->content.size());
    return entry;
}

}  // namespace oms::docker
