#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// As much of tar as Docker's archive calls need: one file at a time. Pure.
namespace oms::docker {

struct TarEntry {
    enum class Kind { File, Link, Other };

    std::string name;
    Kind kind = Kind::File;
    std::uint32_t mode = 0644;
    std::uint64_t uid = 0;
    std::uint64_t gid = 0;
    std::string content;  // of a File
    std::string target;   // of a Link

    bool operator==(const TarEntry&) const = default;
};

/// An archive of one file.
std::string write_tar(const TarEntry&);

/// The first entry of an archive (ustar, pax and GNU's long names); empty when it has none. Throws
/// Transient when the archive is cut off, Terminal when it is no archive.
std::optional<TarEntry> read_tar(std::string_view archive);

}  // namespace oms::docker
