#include "controller/workshop.hpp"
#include "docker/docker_host.hpp"

#include <utility>

namespace oms::controller {

Doors real_doors(const Permit& permit, http::OnAnswer on_docker) {
    return {
        .docker_host =
            [permit, on_docker = std::move(on_docker)](const std::string& endpoint,
                                                       const std::optional<http::Tls>& tls) {
                return docker::make_docker_host(endpoint, tls, permit, on_docker);
            },
        .meta_db =
            [permit](const metadb::Address& address) {
                return metadb::make_meta_db(address, permit);
            },
        .backups =
            [permit](const std::filesystem::path& folder) {
                return metadb::make_backups(folder, permit);
            },
        .permit = permit,
    };
}

}  // namespace oms::controller
