#include "standalone.hpp"

#include "api/manifest.hpp"
#include "base/error.hpp"
#include "base/files.hpp"
#include "controller/directory_store.hpp"
#include "controller/workshop.hpp"
#include "drive.hpp"
#include "exit_codes.hpp"
#include "follow.hpp"
#include "report.hpp"
#include "upgrade/explain.hpp"
#include "upgrade/plan.hpp"
#include "view.hpp"

#include <iostream>

namespace oms::app {
namespace {

using controller::DirectoryLock;
using controller::DirectoryStore;

/// Nothing of another upgrade may be looked for in a folder that is not there yet.
DirectoryStore open_existing(const Options& options) {
    if (!std::filesystem::exists(options.state_dir)) {
        throw Terminal("there is no state directory " + options.state_dir.string() +
                       "; no upgrade was begun here, or it is elsewhere (--state-dir)");
    }
    return DirectoryStore(options.state_dir);
}

api::Manifest read_manifest_of(const Options& options) {
    const std::string name = options.file.value().string();
    const auto text = read_whole(*options.file, api::kManifestBytesMax);
    if (!text) throw api::BadManifest(name, {{.path = "", .message = "there is no such file"}});
    return api::read_manifest(*text, name);
}

api::Key key_of(const Options& options, DirectoryStore& store) {
    const auto all = store.list();
    if (options.name) {
        api::Key key{options.space.value_or("default"), *options.name};
        for (const auto& resource : all)
            if (resource.key == key) return key;
        throw Terminal("there is no upgrade " + key.space + "/" + key.name + " in " +
                       options.state_dir.string() + "; `oms-operator status` lists what is there");
    }
    if (all.size() == 1) return all.front().key;
    throw Terminal(options.state_dir.string() + " holds " + std::to_string(all.size()) +
                   " upgrades; say which one");
}

int upgrade_by_manifest(const Options& options, Signals& signals) {
    const api::Manifest manifest = read_manifest_of(options);
    const auto& wanted = api::only_upgrade(manifest, options.file->string());
    DirectoryStore store(options.state_dir);
    const DirectoryLock lock(options.state_dir);
    store.give_secrets(manifest.secrets);
    const auto resource = store.apply(wanted);
    // What a precheck refused has touched nothing, and running the command again says: look again.
    const auto& run = resource.status.run;
    if (run && run->outcome && (*run->outcome == api::Outcome::Refused || options.retry))
        store.retry(resource.key);
    const auto view = make_view(options.output);
    return drive(store, resource.key, *view, signals);
}

int roll_back(const Options& options, Signals& signals) {
    auto store = open_existing(options);
    if (options.file) store.give_secrets(read_manifest_of(options).secrets);
    const api::Key key = key_of(options, store);
    store.ask(key, controller::Wish::RollBack);
    std::optional<DirectoryLock> lock;
    try {
        lock.emplace(options.state_dir);
    } catch (const Terminal& busy) {
        std::cout << "The rollback is asked for, and the process at work takes it up.\n("
                  << busy.what() << ")\n";
        return kSucceeded;
    }
    const auto view = make_view(options.output);
    const int code = drive(store, key, *view, signals);
    // It is what was asked for.
    return code == kRolledBack ? kSucceeded : code;
}

int ask(const Options& options, controller::Wish wish) {
    auto store = open_existing(options);
    const api::Key key = key_of(options, store);
    store.ask(key, wish);
    const std::string name = key.space + "/" + key.name;
    if (wish == controller::Wish::Pause) {
        std::cout << "Paused " << name << ". It stops at the next safe point; `oms-operator resume "
                  << key.name << "` lets it go on.\n";
        return kSucceeded;
    }
    std::cout << (wish == controller::Wish::Approve ? "Approved " : "Resumed ") << name
              << ". If no process works on it, run `oms-operator upgrade` with its manifest.\n";
    return kSucceeded;
}

int status(const Options& options, Signals& signals) {
    auto store = open_existing(options);
    if (options.watch) {
        const auto view = make_view(options.output);
        return follow(store, store.find(key_of(options, store)).value(), *view, signals);
    }
    if (options.name) {
        print_one(store.find(key_of(options, store)).value(), options.output);
    } else {
        print_all(store.list(), options.output);
    }
    return kSucceeded;
}

/// `secrets` must live as long as what is returned.
controller::FindSecret among(const std::map<api::Key, api::SecretData>& secrets,
                             const std::string& space) {
    return [&secrets, space](const std::string& name) -> std::optional<api::SecretData> {
        const auto at = secrets.find(api::Key{space, name});
        if (at == secrets.end()) return std::nullopt;
        return at->second;
    };
}

int plan(const Options& options, Signals& signals) {
    std::map<api::Key, api::SecretData> secrets;
    api::OmsUpgrade resource;
    if (options.file) {
        auto manifest = read_manifest_of(options);
        resource = api::only_upgrade(manifest, options.file->string());
        resource.uid = "plan";
        resource.generation = 1;
        secrets = std::move(manifest.secrets);
    } else {
        auto store = open_existing(options);
        resource = store.find(key_of(options, store)).value();
    }
    return print_plan(resource,
                      among(secrets, resource.key.space),
                      options.state_dir / "backups",
                      signals.token());
}

/// A state directory holds no Secrets: those that a host needs come with the manifest.
int logs(const Options& options) {
    auto store = open_existing(options);
    const auto resource = store.find(key_of(options, store)).value();
    std::map<api::Key, api::SecretData> secrets;
    if (options.file) secrets = read_manifest_of(options).secrets;
    return print_logs(
        resource, among(secrets, resource.key.space), options.state_dir / "backups", options.tail);
}

int report(const Options& options) {
    auto store = open_existing(options);
    const auto resource = store.find(key_of(options, store)).value();
    return print_report(resource, options.state_dir / "backups");
}

}  // namespace

int run_standalone(const Options& options, Signals& signals) {
    switch (options.verb) {
        case Verb::Upgrade:
            return upgrade_by_manifest(options, signals);
        case Verb::Plan:
            return plan(options, signals);
        case Verb::Status:
            return status(options, signals);
        case Verb::Rollback:
            return roll_back(options, signals);
        case Verb::Approve:
            return ask(options, controller::Wish::Approve);
        case Verb::Pause:
            return ask(options, controller::Wish::Pause);
        case Verb::Resume:
            return ask(options, controller::Wish::Resume);
        case Verb::Logs:
            return logs(options);
        case Verb::Report:
            return report(options);
        case Verb::Run:
            break;
    }
    throw Terminal("this verb needs a cluster");
}

}  // namespace oms::app
