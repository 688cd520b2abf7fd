#include "http/health_server.hpp"

#include <utility>

namespace oms::http {

HealthServer::HealthServer(const std::string& address, Check check)
    : server_(address, [check = std::move(check)](const std::string& path) -> Page {
          const auto well = check(path);
          if (!well) return {.status = 404, .body = "no such probe\n"};
          if (!*well) return {.status = 503, .body = "not yet\n"};
          return {.body = "ok\n"};
      }) {}

}  // namespace oms::http
