#include "base/files.hpp"

#include "base/error.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace oms {

Descriptor::~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

void fail_with_errno(std::string_view doing, const std::filesystem::path& path) {
    const int code = errno;
    throw Terminal("cannot " + std::string(doing) + " " + path.string() + ": " +
                   std::strerror(code) +
                   (code == ENOSPC ? "; make room there, or give another folder" : ""));
}

void write_all(const Descriptor& file, std::string_view bytes, const std::filesystem::path& path) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail_with_errno("write", path);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::size_t read_some(const Descriptor& file,
                      std::string& into,
                      std::size_t bytes_max,
                      const std::filesystem::path& path) {
    into.resize(bytes_max);
    while (true) {
        const ssize_t got = ::read(file.get(), into.data(), into.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail_with_errno("read", path);
        into.resize(static_cast<std::size_t>(got));
        return into.size();
    }
}

void write_durably(const std::filesystem::path& path, std::string_view content, mode_t mode) {
    const std::filesystem::path part = path.string() + ".part";
    {
        const Descriptor file(
            ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
        if (file.get() < 0) fail_with_errno("create", part);
        if (::fchmod(file.get(), mode) != 0) fail_with_errno("set the mode of", part);
        write_all(file, content, part);
        if (::fsync(file.get()) != 0) fail_with_errno("fsync", part);
    }
    if (::rename(part.c_str(), path.c_str()) != 0) fail_with_errno("rename to", path);
    fsync_folder(path.has_parent_path() ? path.parent_path() : ".");
}

std::optional<std::string> read_whole(const std::filesystem::path& path, std::uint64_t bytes_max) {
    constexpr std::size_t kBlockBytes = 1U << 16U;
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) {
        if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
        fail_with_errno("open", path);
    }
    std::string content;
    for (std::string block; read_some(file, block, kBlockBytes, path) != 0;) {
        content += block;
        if (content.size() > bytes_max) {
            throw Terminal("cannot read " + path.string() + ": it is larger than the " +
                           std::to_string(bytes_max) + " bytes allowed here");
        }
    }
    return content;
}

void fsync_folder(const std::filesystem::path& folder) {
    const Descriptor handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (handle.get() < 0) fail_with_errno("open the folder", folder);
    if (::fsync(handle.get()) != 0) fail_with_errno("fsync the folder", folder);
}

void make_private_folder(const std::filesystem::path& folder) {
    if (folder.empty() || std::filesystem::is_directory(folder)) return;
    if (folder.has_parent_path()) make_private_folder(folder.parent_path());
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        fail_with_errno("make the folder", folder);
}

}  // namespace oms
