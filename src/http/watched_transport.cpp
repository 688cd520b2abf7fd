#include "http/watched_transport.hpp"

#include "base/error.hpp"

#include <utility>

namespace oms::http {
namespace {

constexpr int kStreamed = 200;  // only a 2xx answer is handed on piece by piece

class Watched final : public Transport {
public:
    Watched(std::unique_ptr<Transport> inner, OnAnswer on_answer)
        : inner_(std::move(inner)), on_answer_(std::move(on_answer)) {}

    Response send(const Request& request) override {
        return told(request, [&] { return inner_->send(request); });
    }

    Response stream(const Request& request, const OnBytes& on_bytes) override {
        bool is_told = false;
        const OnBytes telling = [&](std::string_view bytes) {
            if (!std::exchange(is_told, true)) on_answer_(request, kStreamed);
            return on_bytes(bytes);
        };
        return told(
            request, [&] { return inner_->stream(request, telling); }, &is_told);
    }

private:
    template <class Exchange>
    Response told(const Request& request, Exchange exchange, const bool* already = nullptr) {
        const auto tell = [&](int status) {
            if (already == nullptr || !*already) on_answer_(request, status);
        };
        try {
            Response response = exchange();
            tell(response.status);
            return response;
        } catch (const Stopped&) {
            throw;
        } catch (...) {
            tell(0);
            throw;
        }
    }

    const std::unique_ptr<Transport> inner_;
    const OnAnswer on_answer_;
};

}  // namespace

std::unique_ptr<Transport> watched(std::unique_ptr<Transport> inner, OnAnswer on_answer) {
    if (!on_answer) return inner;
    return std::make_unique<Watched>(std::move(inner), std::move(on_answer));
}

}  // namespace oms::http
