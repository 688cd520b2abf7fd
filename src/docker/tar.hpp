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

/// The head of one entry: its header block, and the extension entries before it.
struct TarHead {
    bool whole = false;
    std::uint64_t more = 0;  // bytes that are missing after what was given, unless it is whole
    std::string name;
    bool is_file = false;
    std::uint64_t size = 0;  // of the content that follows
};

/// Reads the head of an entry out of `bytes`, which begin with it and are a multiple of 512. What
/// is `more` ends an extension; another header follows it. Empty at the end of the archive, which
/// is a block of zeroes. Throws Terminal, naming `archive`, when it is no head.
std::optional<TarHead> read_tar_head(std::string_view bytes, std::string_view archive);

}  // namespace oms::docker
