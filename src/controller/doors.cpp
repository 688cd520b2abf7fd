#include "controller/workshop.hpp"
#include "docker/docker_host.hpp"

namespace oms::controller {

Doors real_doors() {
    return {
        .docker_host =
            [](const std::string& endpoint, const std::optional<http::Tls>& tls) {
                return docker::make_docker_host(endpoint, tls);
            },
        .meta_db = [](const metadb::Address& address) { return metadb::make_meta_db(address); },
        .backups = [](const std::filesystem::path& folder) { return metadb::make_backups(folder); },
    };
}

}  // namespace oms::controller
