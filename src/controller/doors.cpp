#include "controller/workshop.hpp"
#include "docker/docker_host.hpp"

namespace oms::controller {

Doors real_doors(const Permit& permit) {
    return {
        .docker_host =
            [permit](const std::string& endpoint, const std::optional<http::Tls>& tls) {
                return docker::make_docker_host(endpoint, tls, permit);
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
