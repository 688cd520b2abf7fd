#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace oms {

/// Owns a file descriptor; a negative one is none.
class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return fd_; }

private:
    int fd_;
};

/// Throws Terminal of what a call just refused, as errno has it: "cannot write D/f: No space left
/// on device; make room there". To be called before anything else can change errno.
[[noreturn]] void fail_with_errno(std::string_view doing, const std::filesystem::path& path);

/// Writes all of it, however many calls that takes. `path` is what messages call the file.
void write_all(const Descriptor&, std::string_view bytes, const std::filesystem::path& path);

/// Up to `bytes_max` bytes into `into`, from where the file stands; 0 at its end.
std::size_t read_some(const Descriptor&,
                      std::string& into,
                      std::size_t bytes_max,
                      const std::filesystem::path& path);

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
