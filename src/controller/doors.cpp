#include "controller/workshop.hpp"
#include "docker/docker_host.hpp"

#include <utility>

namespace oms::controller {

Doors real_doors(http::OnAnswer on_docker) {
    return {
        .docker_host =
            [on_docker = std::move(on_docker)](const std::string& endpoint,
                                               const std::optional<http::Tls>& tls) {
                return docker::make_docker_host(endpoint, tls, on_docker);
            },
        .meta_db = [](const metadb::Address& address) { return metadb::make_meta_db(address); },
        .backups = [](const std::filesystem::path& folder) { return metadb::make_backups(folder); },
    };
}

}  // namespace oms::controller
