#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace oms::http {

/// Owns a file descriptor.
class Fd {
public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    ~Fd();
    Fd(Fd&& other) noexcept : fd_(other.release()) {}
    Fd& operator=(Fd&& other) noexcept;

    int get() const { return fd_; }
    int release();

private:
    int fd_ = -1;
};

/// Wakes a poll() when a stop is asked for.
class StopSignal {
public:
    explicit StopSignal(const std::stop_token&);
    int fd() const { return fd_.get(); }  // readable once stop was asked for; -1: never will

private:
    struct Wake {
        int fd;
        void operator()() const noexcept;
    };
    Fd fd_;
    std::optional<std::stop_callback<Wake>> callback_;
};

struct Ready {
    bool readable = false;
    bool writable = false;
};

/// A connected stream socket, spoken to without ever blocking in a system call but poll().
class UnixSocket {
public:
    /// Throws Transient when nobody listens (a daemon that restarts), Terminal without rights.
    explicit UnixSocket(const std::string& path);

    /// Throws Stopped; empty when nothing happened for `silence`.
    std::optional<Ready> wait(bool to_write,
                              std::chrono::milliseconds silence,
                              const StopSignal&) const;

    /// How many bytes were taken (0: none now); empty when the other side takes no more.
    std::optional<std::size_t> write(std::string_view bytes) const;

    /// What has come (empty text: nothing now); empty optional at the end of the stream.
    std::optional<std::string_view> read(char* buffer, std::size_t size) const;

    /// Open and quiet, as a connection between two requests has to be.
    bool idle() const;

private:
    Fd fd_;
};

}  // namespace oms::http
