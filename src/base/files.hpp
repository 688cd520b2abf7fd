#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace oms {

/// Writes `content` under a temporary name, fsyncs, renames over `path` and fsyncs
/// the folder: after a crash `path` holds the old content or the new, never a part.
/// Throws Terminal (no space, no rights) with path and errno's text.
void write_durably(const std::filesystem::path& path, std::string_view content, mode_t mode = 0600);

/// The whole file; empty when there is none. Throws Terminal when it cannot be read
/// or holds more than `bytes_max`.
std::optional<std::string> read_whole(const std::filesystem::path& path,
                                      std::uint64_t bytes_max = 16U << 20U);

/// Makes the names in `folder` durable (after a rename or an unlink).
void fsync_folder(const std::filesystem::path& folder);

/// Makes a folder (and its parents) that only its owner can enter: mode 0700.
void make_private_folder(const std::filesystem::path& folder);

}  // namespace oms
