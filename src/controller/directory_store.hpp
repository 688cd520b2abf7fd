#pragma once

#include "controller/store.hpp"

#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace oms::controller {

/// Excludes other processes from a state directory for as long as it lives, this process's death
/// included.
class DirectoryLock {
public:
    /// Throws Terminal, naming the process that holds the lock, when another one does.
    explicit DirectoryLock(const std::filesystem::path& folder);
    ~DirectoryLock();
    DirectoryLock(const DirectoryLock&) = delete;
    DirectoryLock& operator=(const DirectoryLock&) = delete;

private:
    int file_ = -1;
};

/// OMSUpgrades in a folder, for a Docker host without a cluster.
///
///   <folder>/oms-operator                       says that the folder is one of ours
///   <folder>/lock                               held by the process that works on upgrades
///   <folder>/<namespace>.<name>/upgrade.yaml    the resource with its status
///   <folder>/<namespace>.<name>/wishes          what other processes asked for, one a line
///   <folder>/backups/                           of MetaDB; not of this store
///
/// Every file is replaced in one step, so a reader needs no lock. Secrets are never written: they
/// come with the manifest, each time.
class DirectoryStore final : public Store {
public:
    /// Looks at a folder; makes it when it is not there. Terminal when it holds something else.
    explicit DirectoryStore(std::filesystem::path folder);

    /// What a person applied: makes the resource, or gives it the new spec (and a new generation
    /// when the spec is another one). Terminal when a run of that name is in flight for another
    /// OMS. Needs the lock.
    api::OmsUpgrade apply(const api::OmsUpgrade& manifest);

    /// Has a finished run that did not succeed tried again. Needs the lock.
    void retry(const api::Key&);

    /// What `secret` answers.
    void give_secrets(std::map<api::Key, api::SecretData>);

    std::vector<api::OmsUpgrade> list();

    /// What is asked for, as it stands in its file: it changes when something is asked for.
    std::string wishes(const api::Key&) const;

    std::optional<api::OmsUpgrade> find(const api::Key&) override;
    void patch_status(api::OmsUpgrade& seen, const api::Status&) override;
    void set_finalizer(api::OmsUpgrade& seen, bool held) override;
    void ask(const api::Key&, Wish) override;
    std::optional<api::SecretData> secret(const std::string& space,
                                          const std::string& name) override;

    std::filesystem::path backup_root() const { return folder_ / "backups"; }

private:
    std::filesystem::path home_of(const api::Key&) const;
    std::optional<api::OmsUpgrade> find_unlocked(const api::Key&) const;
    void save(const api::OmsUpgrade&) const;

    /// The resource as it is in its file, without wishes. Transient when it is not as it was seen.
    api::OmsUpgrade expect_unchanged(const api::OmsUpgrade& seen) const;

    std::filesystem::path folder_;
    std::mutex mutex_;
    std::map<api::Key, api::SecretData> secrets_;
};

}  // namespace oms::controller
