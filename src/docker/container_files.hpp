#pragma once

#include "docker/engine_api.hpp"
#include "docker/tar.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace oms::docker {

/// Where a path of a container leads once symbolic links are followed.
struct FileAt {
    std::string path;
    std::size_t size = 0;
};

/// Follows `path` to a file. Empty when the container or the file is missing; Terminal when it is
/// a folder or the links go in circles.
std::optional<FileAt> find_file(const EngineApi&,
                                const std::string& container,
                                std::string_view path);

/// The file with its owner and mode, whether the container runs or not. Empty when it is missing;
/// Terminal when it is larger than `bytes_max`.
std::optional<TarEntry> fetch_file(const EngineApi&,
                                   const std::string& container,
                                   std::string_view path,
                                   std::size_t bytes_max);

/// The daemon's X-Docker-Container-Path-Stat. Pure.
struct PathStat {
    enum class Kind { File, Folder, Link, Other };
    Kind kind = Kind::File;
    std::size_t size = 0;
    std::string link_target;
};
PathStat read_path_stat(const std::string& header);

}  // namespace oms::docker
