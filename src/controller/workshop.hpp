#pragma once

#include "api/oms_upgrade.hpp"
#include "api/secret_data.hpp"
#include "base/permit.hpp"
#include "http/watched_transport.hpp"
#include "upgrade/tools.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace oms::controller {

/// How the parts of the outside world are opened; tests have their own.
struct Doors {
    std::function<std::unique_ptr<runtime::Host>(const std::string& endpoint,
                                                 const std::optional<http::Tls>&)>
        docker_host;
    std::function<std::unique_ptr<metadb::MetaDb>(const metadb::Address&)> meta_db;
    std::function<std::unique_ptr<metadb::Backups>(const std::filesystem::path&)> backups;
    /// For what is reached without a door of its own. What comes through the others has it too.
    Permit permit = {};
};

/// The real ones. Nothing that they open is changed without the permit. `on_docker`: told of what
/// Docker daemons answer.
Doors real_doors(const Permit& permit = {}, http::OnAnswer on_docker = {});

/// A Secret of the resource's namespace, by name; empty when there is none.
using FindSecret = std::function<std::optional<api::SecretData>(const std::string& name)>;

/// The world of one run: its Docker hosts, its MetaDB, its backup folder. Each is opened when it is
/// first reached, and kept until this object goes.
///
/// MetaDB is where config.yaml of the first node says, unless the spec says otherwise; so reaching
/// it throws what reading that file throws. A Secret that is missing is Terminal, by its name.
class Workshop final : public upgrade::Outside {
public:
    /// The pinned spec counts where there is a run. Its backup goes into a folder of the root.
    Workshop(const api::OmsUpgrade&, FindSecret, Doors, const std::filesystem::path& backup_root);

    runtime::Host& host(std::size_t node) override;
    metadb::MetaDb& rm() override;
    metadb::MetaDb& cm() override;
    metadb::MetaDb& separate_cm() override;
    MetaEndpoint separate_cm_endpoint() override;
    metadb::Backups& backups() override;
    std::optional<std::uint64_t> file_size(const std::string& path) override;
    runtime::ImageArchive image_archive(const std::string& path) override;
    std::optional<runtime::RegistryLogin> registry_login() override;
    std::optional<std::string> http_get(const std::string& url,
                                        const std::string& certificate) override;
    upgrade::ConsoleAnswer console_call(const upgrade::ConsoleCall&) override;
    void wait(std::chrono::milliseconds, std::stop_token) override;
    void at_once(const upgrade::Jobs&) override;

private:
    api::SecretData secret(const api::SecretRef&) const;
    void open_meta_db();
    std::string config_before(const std::string& live);

    std::string space_;
    api::Spec spec_;
    FindSecret find_secret_;
    Doors doors_;
    std::filesystem::path backup_folder_;

    // Phases reach several nodes at once.
    std::mutex mutex_;
    std::map<std::size_t, std::unique_ptr<runtime::Host>> hosts_;
    std::unique_ptr<metadb::MetaDb> rm_;
    std::unique_ptr<metadb::MetaDb> cm_;  // empty: the same connection as rm
    std::unique_ptr<metadb::MetaDb> separate_cm_;
    std::unique_ptr<metadb::Backups> backups_;
};

}  // namespace oms::controller
