#include "kube/bearer_token.hpp"

#include "base/error.hpp"
#include "base/files.hpp"

#include <string>
#include <utility>

namespace oms::kube {
namespace {

constexpr auto kFresh = std::chrono::minutes(1);
constexpr std::uint64_t kTokenBytesMax = 64U << 10U;

std::string trimmed(std::string text) {
    const auto last = text.find_last_not_of(" \t\r\n");
    text.erase(last == std::string::npos ? 0 : last + 1);
    const auto first = text.find_first_not_of(" \t\r\n");
    return text.erase(0, first == std::string::npos ? 0 : first);
}

}  // namespace

BearerToken::BearerToken(Secret fixed) : token_(std::move(fixed)) {}

BearerToken::BearerToken(std::filesystem::path file, std::function<Instant()> now)
    : file_(std::move(file)), now_(std::move(now)) {}

Secret BearerToken::current() {
    const std::lock_guard lock(mutex_);
    if (!file_.empty() && (token_.empty() || now_() - read_at_ >= kFresh)) read();
    return token_;
}

bool BearerToken::renew(const Secret& refused) {
    const std::lock_guard lock(mutex_);
    if (file_.empty()) return false;
    if (token_ == refused) read();
    return token_ != refused;
}

void BearerToken::read() {
    const auto content = read_whole(file_, kTokenBytesMax);
    std::string token = content ? trimmed(*content) : std::string();
    read_at_ = now_();
    if (!token.empty()) {
        token_ = Secret(std::move(token));
        return;
    }
    // While a file is being replaced it may be missing; the token we hold still counts then.
    if (token_.empty()) {
        throw Terminal("there is no token in " + file_.string() +
                       ": mount the service account's token there, or name another file");
    }
}

}  // namespace oms::kube
