#include "base/files.hpp"

#include "base/error.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

namespace oms {
namespace {

[[noreturn]] void fail(std::string_view what, const std::filesystem::path& path) {
    const int code = errno;
    throw Terminal(std::string(what) + " " + path.string() + ": " + std::strerror(code));
}

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return fd_; }

private:
    int fd_;
};

}  // namespace

void write_durably(const std::filesystem::path& path, std::string_view content, mode_t mode) {
    const std::filesystem::path part = path.string() + ".part";
    {
        const Descriptor file(
            ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
        if (file.get() < 0) fail("cannot create", part);
        if (::fchmod(file.get(), mode) != 0) fail("cannot set the mode of", part);
        for (std::string_view rest = content; !rest.empty();) {
            const ssize_t written = ::write(file.get(), rest.data(), rest.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) fail("cannot write", part);
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
        if (::fsync(file.get()) != 0) fail("cannot fsync", part);
    }
    if (::rename(part.c_str(), path.c_str()) != 0) fail("cannot rename to", path);
    fsync_folder(path.has_parent_path() ? path.parent_path() : ".");
}

std::optional<std::string> read_whole(const std::filesystem::path& path, std::uint64_t bytes_max) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) {
        if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
        fail("cannot open", path);
    }
    std::string content;
    std::string block(1U << 16U, '\0');
    while (true) {
        const ssize_t got = ::read(file.get(), block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail("cannot read", path);
        if (got == 0) return content;
        content.append(block, 0, static_cast<std::size_t>(got));
        if (content.size() > bytes_max) {
            throw Terminal("cannot read " + path.string() + ": it is larger than the " +
                           std::to_string(bytes_max) + " bytes allowed here");
        }
    }
}

void fsync_folder(const std::filesystem::path& folder) {
    const Descriptor handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (handle.get() < 0) fail("cannot open the folder", folder);
    if (::fsync(handle.get()) != 0) fail("cannot fsync the folder", folder);
}

void make_private_folder(const std::filesystem::path& folder) {
    if (folder.empty() || std::filesystem::is_directory(folder)) return;
    if (folder.has_parent_path()) make_private_folder(folder.parent_path());
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        fail("cannot make the folder", folder);
}

}  // namespace oms
