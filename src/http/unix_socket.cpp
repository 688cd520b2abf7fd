#include "http/unix_socket.hpp"

#include "base/error.hpp"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>
#include <poll.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace oms::http {
namespace {

std::string errno_text(int error) {
    return std::generic_category().message(error);
}

[[noreturn]] void throw_connect_failure(const std::string& path, int error) {
    const std::string tried = "cannot connect to unix://" + path + ": " + errno_text(error);
    if (error == EACCES || error == EPERM)
        throw Terminal(tried + "; the operator needs the right to write to this socket");
    throw Transient(tried + "; is the daemon running?");
}

}  // namespace

Fd::~Fd() {
    if (fd_ >= 0) ::close(fd_);
}

Fd& Fd::operator=(Fd&& other) noexcept {
    if (this != &other) {
        if (fd_ >= 0) ::close(fd_);
        fd_ = other.release();
    }
    return *this;
}

int Fd::release() {
    return std::exchange(fd_, -1);
}

StopSignal::StopSignal(const std::stop_token& stop) {
    if (!stop.stop_possible()) return;
    fd_ = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (fd_.get() < 0) throw Transient("no file descriptor left: " + errno_text(errno));
    callback_.emplace(stop, Wake{fd_.get()});
}

void StopSignal::Wake::operator()() const noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(fd, &one, sizeof one);
}

UnixSocket::UnixSocket(const std::string& path)
    : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    if (fd_.get() < 0)
        throw Transient("no socket left for unix://" + path + ": " + errno_text(errno));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        throw Terminal("unix://" + path + " is not a socket path: it must have 1 to " +
                       std::to_string(sizeof address.sun_path - 1) + " characters");
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw_connect_failure(path, errno);
}

std::optional<Ready> UnixSocket::wait(bool to_write,
                                      std::chrono::milliseconds silence,
                                      const StopSignal& stop) const {
    const auto deadline = std::chrono::steady_clock::now() + silence;
    for (;;) {
        std::array<pollfd, 2> fds{pollfd{.fd = fd_.get(), .events = POLLIN, .revents = 0},
                                  pollfd{.fd = stop.fd(), .events = POLLIN, .revents = 0}};
        if (to_write) fds[0].events = POLLIN | POLLOUT;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        const auto longest = std::chrono::milliseconds(std::numeric_limits<int>::max());
        const auto wait_for = std::clamp(left, std::chrono::milliseconds(0), longest);
        const int events = ::poll(fds.data(), fds.size(), static_cast<int>(wait_for.count()));
        if (events < 0 && errno != EINTR)
            throw Transient("cannot wait for the socket: " + errno_text(errno));
        if (fds[1].revents != 0 && events > 0) throw Stopped{};
        if (events > 0) {
            return Ready{.readable = (fds[0].revents & ~POLLOUT) != 0,
                         .writable = (fds[0].revents & POLLOUT) != 0};
        }
        if (left.count() <= 0) return std::nullopt;
    }
}

std::optional<std::size_t> UnixSocket::write(std::string_view bytes) const {
    const auto size = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size >= 0) return static_cast<std::size_t>(size);
    if (errno == EAGAIN || errno == EINTR) return 0;
    return std::nullopt;
}

std::optional<std::string_view> UnixSocket::read(char* buffer, std::size_t size) const {
    const auto got = ::recv(fd_.get(), buffer, size, MSG_DONTWAIT);
    if (got > 0) return std::string_view(buffer, static_cast<std::size_t>(got));
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::string_view{};
    return std::nullopt;  // a reset is an end too: what came before it still counts
}

bool UnixSocket::idle() const {
    pollfd one{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&one, 1, 0) == 0;
}

}  // namespace oms::http
