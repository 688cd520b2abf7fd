#include "tiny_world.hpp"

#include "base/error.hpp"
#include "base/log.hpp"

#include <array>

namespace oms::controller {
namespace {

using namespace std::chrono_literals;
using upgrade::Goal;
using upgrade::Target;
using upgrade::Tools;

TinyWorld* the_world = nullptr;

/// Nothing of it is reached but the clock.
class NoOutside final : public upgrade::Outside {
public:
    runtime::Host& host(std::size_t) override { throw Terminal("there is no host"); }
    metadb::MetaDb& rm() override { throw Terminal("there is no MetaDB"); }
    metadb::MetaDb& cm() override { throw Terminal("there is no MetaDB"); }
    metadb::MetaDb& separate_cm() override { throw Terminal("there is no MetaDB"); }
    MetaEndpoint separate_cm_endpoint() override { throw Terminal("there is no MetaDB"); }
    upgrade::ConsoleAnswer console_call(const upgrade::ConsoleCall&) override {
        throw Terminal("there is no console");
    }
    metadb::Backups& backups() override { throw Terminal("there are no backups"); }
    std::optional<std::uint64_t> file_size(const std::string&) override { return std::nullopt; }
    std::optional<runtime::RegistryLogin> registry_login() override { return std::nullopt; }
    std::optional<std::string> http_get(const std::string&, const std::string&) override {
        return std::nullopt;
    }
    runtime::ImageArchive image_archive(const std::string&) override { return {}; }
    void wait(std::chrono::milliseconds, std::stop_token) override {}
    void at_once(const upgrade::Jobs&) override {}
};

const std::string& container_of(const Target& target) {
    return target.spec.nodes.at(0).container;
}

upgrade::Verdict look(const Target& target, const Tools&, Goal, api::Status&) {
    the_world->is_applied(container_of(target), "Look");
    return upgrade::Done{};
}

void no_push(const Target&, Tools&) {}

template <char kFirst>
upgrade::Verdict check(const Target& target, const Tools&, Goal goal, api::Status&) {
    const bool on = the_world->is_applied(container_of(target), std::string(1, kFirst));
    if (on == (goal == Goal::Applied)) return upgrade::Done{};
    return upgrade::Due{"the switch is the other way"};
}

template <char kFirst, bool kOn>
void push(const Target& target, Tools& tools) {
    the_world->push(container_of(target), std::string(1, kFirst), kOn, tools.stop());
}

std::vector<std::string> script(const Target&) {
    return {};
}

constexpr std::array kTinyPlan{
    upgrade::Phase{"Look", "", 0s, 2s, 1, false, &look, &no_push, &no_push, &script},
    upgrade::Phase{
        "Open", "", 0s, 200ms, 9, true, &check<'O'>, &push<'O', true>, &push<'O', false>, &script},
    upgrade::Phase{
        "Close", "", 0s, 200ms, 9, true, &check<'C'>, &push<'C', true>, &push<'C', false>, &script},
};

}  // namespace

TinyWorld::TinyWorld() {
    // Hundreds of runs are taken; what they log is for none of these tests to look at.
    log::configure({.everywhere = log::Level::Off, .of = {}}, log::Format::Text);
    the_world = this;
}

TinyWorld::~TinyWorld() {
    the_world = nullptr;
}

void TinyWorld::block(const std::string& container) {
    const std::lock_guard guard(mutex_);
    blocked_.insert(container);
}

bool TinyWorld::wait_for_push(const std::string& container) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 60s, [&] { return blocking_.contains(container); });
}

void TinyWorld::hide(const std::string& container) {
    const std::lock_guard guard(mutex_);
    hidden_.insert(container);
}

std::set<std::string> TinyWorld::applied(const std::string& container) const {
    const std::lock_guard guard(mutex_);
    const auto at = applied_.find(container);
    return at == applied_.end() ? std::set<std::string>{} : at->second;
}

int TinyWorld::pushes(const std::string& container) const {
    const std::lock_guard guard(mutex_);
    const auto at = pushes_.find(container);
    return at == pushes_.end() ? 0 : at->second;
}

int TinyWorld::opened() const {
    const std::lock_guard guard(mutex_);
    return opened_;
}

bool TinyWorld::is_applied(const std::string& container, const std::string& phase) const {
    const std::lock_guard guard(mutex_);
    if (hidden_.contains(container)) throw Transient("connection refused");
    const auto at = applied_.find(container);
    return at != applied_.end() && at->second.contains(phase);
}

void TinyWorld::push(const std::string& container,
                     const std::string& phase,
                     bool on,
                     std::stop_token stop) {
    std::unique_lock lock(mutex_);
    ++pushes_[container];
    if (blocked_.contains(container)) {
        blocking_.insert(container);
        changed_.notify_all();
        changed_.wait(lock, stop, [] { return false; });
        blocking_.erase(container);
        blocked_.erase(container);
        throw Stopped();
    }
    if (on) {
        applied_[container].insert(phase);
    } else {
        applied_[container].erase(phase);
    }
}

std::unique_ptr<upgrade::Outside> TinyWorld::open() {
    const std::lock_guard guard(mutex_);
    ++opened_;
    return std::make_unique<NoOutside>();
}

std::span<const upgrade::Phase> tiny_plan() {
    return kTinyPlan;
}

api::OmsUpgrade tiny_upgrade(const std::string& name, const std::string& container) {
    api::OmsUpgrade resource;
    resource.key = {"default", name};
    resource.uid = "uid-of-" + name;
    resource.generation = 1;
    resource.spec.target_version = "4.3.1";
    resource.spec.image.reference = "registry.example.com/oms:feature_4.3.1";
    resource.spec.nodes.emplace_back();
    resource.spec.nodes.back().container = container;
    return resource;
}

}  // namespace oms::controller
