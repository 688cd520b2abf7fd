#include "oms/health.hpp"

#include <nlohmann/json.hpp>

namespace oms {

bool is_healthy(std::string_view body) {
    constexpr std::size_t kBytesMax = 64U << 10U;
    if (body.size() > kBytesMax) return false;
    const auto answer = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
    if (!answer.is_object()) return false;
    const auto data = answer.find("data");
    if (data == answer.end() || !data->is_object()) return false;
    const auto healthy = data->find("healthy");
    return healthy != data->end() && healthy->is_boolean() && healthy->get<bool>();
}

}  // namespace oms
