#pragma once

#include "base/secret.hpp"
#include "kube/timing.hpp"

#include <filesystem>
#include <functional>
#include <mutex>

namespace oms::kube {

/// The token that goes with every request. One from a file is read again when it is a minute old,
/// as client-go does it: a kubelet replaces a service account's token long before it expires.
/// Safe to use from several threads.
class BearerToken {
public:
    BearerToken() = default;  // none: a client certificate speaks for us
    explicit BearerToken(Secret fixed);
    BearerToken(std::filesystem::path file, std::function<Instant()> now);

    /// Empty when there is none. Throws Terminal when its file cannot be read.
    Secret current();

    /// After a 401: reads the file now. True when there is another token than `refused`.
    bool renew(const Secret& refused);

private:
    void read();  // with mutex_ held

    std::mutex mutex_;
    std::filesystem::path file_;
    std::function<Instant()> now_;
    Instant read_at_{};
    Secret token_;
};

}  // namespace oms::kube
