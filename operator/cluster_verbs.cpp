#include "base/error.hpp"
#include "cluster.hpp"
#include "controller/cluster_store.hpp"
#include "exit_codes.hpp"
#include "follow.hpp"
#include "kube/connection.hpp"
#include "report.hpp"
#include "version.hpp"
#include "view.hpp"

#include <iostream>
#include <memory>

namespace oms::app {
namespace {

/// What a verb speaks to, and about whom.
struct Cluster {
    std::unique_ptr<kube::Client> client;
    std::string space;
};

Cluster connect(const Options& options) {
    const auto connection =
        kube::find_connection({.kubeconfig = options.kubeconfig, .context = options.context});
    return {.client = kube::connect(connection, std::string("oms-operator/") + kVersion),
            .space = options.space.value_or(connection.space)};
}

api::OmsUpgrade find(const Options& options, const Cluster& cluster, Signals& signals) {
    const kube::Upgrades upgrades(*cluster.client);
    const kube::Call call{.stop = signals.token()};
    if (options.name) {
        if (auto found = upgrades.find({cluster.space, *options.name}, call)) return *found;
        throw Terminal("there is no OMSUpgrade " + *options.name + " in the namespace " +
                       cluster.space);
    }
    std::vector<api::OmsUpgrade> all;
    upgrades.list(
        cluster.space, [&](api::OmsUpgrade one) { all.push_back(std::move(one)); }, call);
    if (all.size() == 1) return all.front();
    throw Terminal("the namespace " + cluster.space + " holds " + std::to_string(all.size()) +
                   " OMSUpgrades; say which one");
}

int status(const Options& options, const Cluster& cluster, Signals& signals) {
    if (options.watch) {
        const auto view = make_view(options.output);
        return follow(*cluster.client, find(options, cluster, signals), *view, signals);
    }
    if (options.name) {
        print_one(find(options, cluster, signals), options.output);
        return kSucceeded;
    }
    std::vector<api::OmsUpgrade> all;
    kube::Upgrades(*cluster.client)
        .list(options.space.value_or(""),
              [&](api::OmsUpgrade one) { all.push_back(std::move(one)); },
              {.stop = signals.token()});
    print_all(all, options.output);
    return kSucceeded;
}

const char* done(controller::Wish wish) {
    switch (wish) {
        case controller::Wish::Approve:
            return "Approved";
        case controller::Wish::Pause:
            return "Paused";
        case controller::Wish::Resume:
            return "Resumed";
        case controller::Wish::RollBack:
            break;
    }
    return "Asked for the rollback of";
}

int ask(const Options& options, const Cluster& cluster, Signals& signals, controller::Wish wish) {
    const auto resource = find(options, cluster, signals);
    controller::ClusterStore(*cluster.client, signals.token()).ask(resource.key, wish);
    const std::string name = resource.key.space + "/" + resource.key.name;
    if (wish != controller::Wish::RollBack) {
        std::cout << done(wish) << " " << name << ".\n";
    } else {
        std::cout << "The rollback of " << name << " is asked for. Follow it with\n  kubectl -n "
                  << resource.key.space
                  << " wait --for=condition=RolledBack --timeout=-1s omsupgrade/"
                  << resource.key.name << "\n";
    }
    return kSucceeded;
}

/// It is done from here, so this machine must reach the Docker hosts, and the user read Secrets.
int look_inside(const Options& options, const Cluster& cluster, Signals& signals) {
    const auto resource = find(options, cluster, signals);
    controller::ClusterStore store(*cluster.client, signals.token());
    const auto find_secret = [&](const std::string& name) {
        return store.secret(resource.key.space, name);
    };
    if (options.verb == Verb::Logs)
        return print_logs(resource, find_secret, options.backup_dir, options.tail);
    return print_plan(resource, find_secret, options.backup_dir, signals.token());
}

}  // namespace

int run_in_cluster(const Options& options, Signals& signals) {
    if (options.file) {
        throw Terminal(
            "a manifest (-f) is for this machine; to a cluster it goes by kubectl apply");
    }
    const Cluster cluster = connect(options);
    switch (options.verb) {
        case Verb::Plan:
        case Verb::Logs:
            return look_inside(options, cluster, signals);
        case Verb::Status:
            return status(options, cluster, signals);
        case Verb::Rollback:
            return ask(options, cluster, signals, controller::Wish::RollBack);
        case Verb::Approve:
            return ask(options, cluster, signals, controller::Wish::Approve);
        case Verb::Pause:
            return ask(options, cluster, signals, controller::Wish::Pause);
        case Verb::Resume:
            return ask(options, cluster, signals, controller::Wish::Resume);
        case Verb::Report:
            return print_report(find(options, cluster, signals), options.backup_dir);
        case Verb::Upgrade:
        case Verb::Run:
            break;
    }
    throw Terminal("this verb is for this machine, not for a cluster");
}

}  // namespace oms::app
