#include "fakes/voyage.hpp"

#include "api/json.hpp"
#include "base/log.hpp"
#include "catch.hpp"
#include "upgrade/intake.hpp"
#include "upgrade/plan.hpp"

#include <nlohmann/json.hpp>

namespace oms::fakes {
namespace {

using namespace std::chrono_literals;

class ToResource final : public upgrade::Journal {
public:
    explicit ToResource(std::function<void(const api::Status&)> write) : write_(std::move(write)) {}
    void record(const api::Status& status) override { write_(status); }

private:
    std::function<void(const api::Status&)> write_;
};

}  // namespace

api::OmsUpgrade smallest_upgrade() {
    api::OmsUpgrade resource;
    resource.key = {"default", "to-431"};
    resource.uid = "0b0e7a52-0000-4000-8000-000000000001";
    resource.generation = 1;
    resource.spec.target_version = "4.3.1";
    resource.spec.image = {.reference = "oms:feature_4.3.1", .archive = "/packages/oms_431.tar"};
    resource.spec.nodes = {{.container = "oms_430"}};
    // Short, so that a simulation of a failure does not look ten thousand times.
    resource.spec.deadlines = {{"UpgradeMetadata", 40}, {"Verify", 20}, {"Confirm", 20}};
    return resource;
}

Voyage::Voyage() {
    log::configure({.everywhere = log::Level::Off, .of = {}}, log::Format::Text);
}

void Voyage::separate_cm() {
    resource.spec.meta_db.separate_cm =
        api::SeparateCmSpec{.host = "10.0.0.9", .port = 2883, .credentials_secret = {"cm"}};
    resource.spec.console_secret = api::SecretRef{"console"};
    resource.spec.approval = api::Approval::Granted;
}

void Voyage::become_large() {
    world.become_large();
    auto& nodes = resource.spec.nodes;
    for (int more = 1; more < 4; ++more) {
        nodes.push_back(nodes.front());
        nodes.back().docker.endpoint = "tcp://10.0.0." + std::to_string(more + 1) + ":2376";
    }
}

void Voyage::become_large_by_discovery() {
    world.become_large();
    resource.spec.discovery =
        api::DiscoverySpec{.endpoint_pattern = "tcp://{ip}:2376", .tls_secret = {"docker"}};
}

void Voyage::become_separated(bool keep_tasks_running) {
    world.become_separated();
    api::Spec& spec = resource.spec;
    spec.deployment_mode = api::DeploymentMode::Separated;
    spec.nodes.push_back(spec.nodes.front());
    spec.nodes[0].role = api::Role::Management;
    spec.nodes[1].role = api::Role::Component;
    spec.nodes[1].docker = {.endpoint = "tcp://10.0.0.2:2376",
                            .tls_secret = api::SecretRef{"docker"}};
    spec.deadlines.push_back({"UpgradeComponents", 40});
    if (!keep_tasks_running) return;
    spec.keep_tasks_running = true;
    spec.assistant_image = api::AssistantImageSpec{
        .reference = "oms-tools:4.3.1", .archive = "/packages/tools.tar", .id = {}};
}

void Voyage::run_to_the_end() {
    constexpr int kStepsMax = 20'000;
    std::optional<upgrade::PushError> last;
    for (int i = 0; i < kStepsMax; ++i)
        if (!go_on(last)) return;
    FAIL("the upgrade does not come to an end; it is at " << resource.status.phase << ": "
                                                          << resource.status.message);
}

void Voyage::run_for(std::chrono::seconds time) {
    std::optional<upgrade::PushError> last;
    const Time end = world.now + time;
    while (world.now < end && go_on(last)) {}
}

bool Voyage::go_on(std::optional<upgrade::PushError>& last) {
    try {
        return step(last);
    } catch (const Crash&) {
        ++restarts;
        read_back();
        last.reset();
    } catch (const Transient&) {
        world.now += 1s;  // a write that failed: the key comes back after a backoff
    }
    return true;
}

bool Voyage::step(std::optional<upgrade::PushError>& last) {
    const auto intake = upgrade::take_in(resource, {}, {}, upgrade::kPlan, world.now);
    if (std::holds_alternative<upgrade::LetGo>(intake)) {
        let_go = true;
        return false;
    }
    if (const auto* hang = std::get_if<upgrade::Hang>(&intake)) {
        if (hang->status != resource.status) record(hang->status);
        return false;
    }
    const auto& admitted = std::get<upgrade::Admit>(intake).status;
    if (admitted != resource.status) record(admitted);

    reach(resource);
    upgrade::Tools tools(
        world, [this] { return world.now; }, [](const Progress&) {}, {});
    ToResource journal([this](const api::Status& status) { record(status); });
    const upgrade::Runner runner(upgrade::kPlan);
    const api::OmsUpgrade seen = resource;
    const auto end = runner.step(seen, tools, journal, last);
    last = end.error;
    if (end.again) world.now += *end.again;
    // Nothing more before the resource changes: in this world nobody else changes it.
    return end.again.has_value() || resource.status != seen.status;
}

void Voyage::reach(const api::OmsUpgrade& wanted) {
    world.endpoints.clear();
    for (const auto& node : wanted.status.run->spec.nodes)
        world.endpoints.push_back(node.docker.endpoint);
}

void Voyage::record(const api::Status& status) {
    const auto write = [&] {
        api::OmsUpgrade next = resource;
        next.status = status;
        resource = next;
        if (!in_haste) read_back();
        history.push_back(resource.status);
        meanwhile(resource, static_cast<int>(history.size()));
    };
    world.fuse.guard("record", write);
}

void Voyage::read_back() {
    resource = api::from_stored(api::to_json(resource));
    resource.problems.clear();
}

}  // namespace oms::fakes
