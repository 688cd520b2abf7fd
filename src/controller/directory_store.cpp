#include "controller/directory_store.hpp"

#include "api/manifest.hpp"
#include "api/validate.hpp"
#include "base/error.hpp"
#include "base/files.hpp"
#include "base/sha256.hpp"
#include "controller/state_file.hpp"
#include "upgrade/intake.hpp"

#include <sys/file.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <random>
#include <sstream>
#include <unistd.h>

namespace oms::controller {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMark = "oms-operator";
constexpr std::string_view kMarkText = "state of oms-operator, format 1\n";
constexpr std::string_view kResource = "upgrade.yaml";
constexpr std::string_view kWishes = "wishes";

/// Makes the folder ours, or sees that it is.
void settle_in(const fs::path& folder) {
    make_private_folder(folder);
    const auto mark = read_whole(folder / kMark, 4096);
    if (mark == kMarkText) return;
    if (mark) {
        throw Terminal("the state directory " + folder.string() +
                       " was made by another version of oms-operator: " + *mark);
    }
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (name == std::string(kMark) + ".part") continue;  // we were killed while marking it
        throw Terminal("the folder " + folder.string() +
                       " is no state directory of oms-operator (it holds " + name +
                       "); give an empty or a new one with --state-dir");
    }
    write_durably(folder / kMark, kMarkText);
}

std::string random_uuid() {
    std::random_device random;
    std::string bytes;
    while (bytes.size() < 16) bytes += static_cast<char>(random() & 0xffU);
    bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0fU) | 0x40U);
    bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3fU) | 0x80U);
    std::string text = to_hex(bytes);
    for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
    return text;
}

std::string spelled(const api::Key& key) {
    return key.space + "/" + key.name;
}

/// One a line, in the order in which they came.
std::vector<Wish> read_wishes(const std::string& text) {
    std::vector<Wish> wishes;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (const auto wish = read_wish(line)) wishes.push_back(*wish);
    return wishes;
}

/// Is one void by the other, which came later?
bool is_void(Wish wish, Wish later) {
    const auto pauses = [](Wish one) { return one == Wish::Pause || one == Wish::Resume; };
    return wish == later || (pauses(wish) && pauses(later));
}

void refuse_another_oms(const api::OmsUpgrade& stored,
                        const api::OmsUpgrade& manifest,
                        const fs::path& folder) {
    const auto& run = stored.status.run;
    if (!run || run->outcome || upgrade::is_same_oms(run->spec, manifest.spec)) return;
    const auto& node = run->spec.nodes.at(0);
    throw Terminal("the state directory " + folder.string() + " already holds an upgrade " +
                   spelled(stored.key) + " in flight, and it is one of another OMS (container " +
                   node.container + " at " + node.docker.endpoint +
                   "); give this manifest another metadata.name, or another --state-dir");
}

}  // namespace

DirectoryLock::DirectoryLock(const fs::path& folder) {
    const fs::path path = folder / "lock";
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file_ < 0) throw Terminal("cannot open " + path.string() + ": " + std::strerror(errno));
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
        const int code = errno;
        ::close(file_);
        if (code != EWOULDBLOCK)
            throw Terminal("cannot lock " + path.string() + ": " + std::strerror(code));
        std::string holder = read_whole(path, 64).value_or("");
        if (holder.empty()) holder = "unknown";
        throw Terminal("another oms-operator (process " + holder +
                       ") is at work in the state directory " + folder.string() +
                       "; wait until it has ended, or give another --state-dir");
    }
    const std::string mine = std::to_string(::getpid());
    // The number only serves the message above, so a short write is not worth failing for.
    if (::ftruncate(file_, 0) == 0) (void)!::pwrite(file_, mine.data(), mine.size(), 0);
}

DirectoryLock::~DirectoryLock() {
    ::close(file_);
}

DirectoryStore::DirectoryStore(fs::path folder) : folder_(std::move(folder)) {
    settle_in(folder_);
}

api::OmsUpgrade DirectoryStore::apply(const api::OmsUpgrade& manifest) {
    const auto stored = find(manifest.key);
    const std::lock_guard guard(mutex_);
    api::OmsUpgrade resource = stored.value_or(manifest);
    if (!stored) {
        make_private_folder(home_of(manifest.key));
        resource.uid = random_uuid();
        resource.generation = 1;
        resource.created = std::chrono::floor<std::chrono::seconds>(Clock::now());
        resource.status = {};
    } else {
        refuse_another_oms(*stored, manifest, folder_);
        const auto& run = stored->status.run;
        // What was asked of a run that has ended is not asked of the next one.
        if (!run || run->outcome) fs::remove(home_of(manifest.key) / kWishes);
        const auto bare = read_state_file(home_of(manifest.key) / kResource);
        if (!bare || bare->spec != manifest.spec) ++resource.generation;
        const auto retried = resource.annotations.find(std::string(api::kRetry));
        auto annotations = manifest.annotations;
        if (retried != resource.annotations.end()) annotations.insert(*retried);
        resource.annotations = std::move(annotations);
        resource.labels = manifest.labels;
        resource.spec = manifest.spec;
    }
    // It is made of the file's content when it is read, so it is not part of that.
    resource.resource_version.clear();
    save(resource);
    return find_unlocked(manifest.key).value();
}

void DirectoryStore::retry(const api::Key& key) {
    const std::lock_guard guard(mutex_);
    auto resource = read_state_file(home_of(key) / kResource);
    if (!resource)
        throw Terminal("there is no upgrade " + spelled(key) + " in " + folder_.string());
    resource->annotations[std::string(api::kRetry)] = to_rfc3339(Clock::now());
    save(*resource);
}

void DirectoryStore::give_secrets(std::map<api::Key, api::SecretData> secrets) {
    const std::lock_guard guard(mutex_);
    secrets_ = std::move(secrets);
}

std::vector<api::OmsUpgrade> DirectoryStore::list() {
    std::vector<api::OmsUpgrade> all;
    for (const auto& entry : fs::directory_iterator(folder_)) {
        const auto resource = read_state_file(entry.path() / kResource);
        if (!resource) continue;
        if (auto whole = find(resource->key)) all.push_back(std::move(*whole));
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
    return all;
}

std::string DirectoryStore::wishes(const api::Key& key) const {
    return read_whole(home_of(key) / kWishes, 4096).value_or("");
}

std::optional<api::OmsUpgrade> DirectoryStore::find(const api::Key& key) {
    const std::lock_guard guard(mutex_);
    return find_unlocked(key);
}

std::optional<api::OmsUpgrade> DirectoryStore::find_unlocked(const api::Key& key) const {
    const fs::path home = home_of(key);
    const auto text = read_whole(home / kResource);
    if (!text) return std::nullopt;
    auto resource = parse_state_file(*text, home / kResource);
    const std::string asked = wishes(key);
    for (const Wish wish : read_wishes(asked)) grant(wish, resource.spec);
    resource.resource_version = sha256_hex(*text + asked).substr(0, 16);
    return resource;
}

void DirectoryStore::patch_status(api::OmsUpgrade& seen, const api::Status& status) {
    const std::lock_guard guard(mutex_);
    auto now = expect_unchanged(seen);
    now.status = status;
    save(now);
    seen.status = status;
    seen.resource_version = find_unlocked(seen.key).value().resource_version;
}

void DirectoryStore::set_finalizer(api::OmsUpgrade& seen, bool held) {
    const std::lock_guard guard(mutex_);
    auto now = expect_unchanged(seen);
    std::erase(now.finalizers, api::kFinalizer);
    if (held) now.finalizers.emplace_back(api::kFinalizer);
    save(now);
    seen.finalizers = now.finalizers;
    seen.resource_version = find_unlocked(seen.key).value().resource_version;
}

void DirectoryStore::ask(const api::Key& key, Wish wish) {
    const std::lock_guard guard(mutex_);
    const fs::path home = home_of(key);
    if (!fs::exists(home / kResource))
        throw Terminal("there is no upgrade " + spelled(key) + " in " + folder_.string());
    auto asked = read_wishes(wishes(key));
    std::erase_if(asked, [&](Wish one) { return is_void(one, wish); });
    asked.push_back(wish);
    std::string text;
    for (const Wish one : asked) (text += to_string(one)) += '\n';
    write_durably(home / kWishes, text);
}

std::optional<api::SecretData> DirectoryStore::secret(const std::string& space,
                                                      const std::string& name) {
    const std::lock_guard guard(mutex_);
    const auto found = secrets_.find(api::Key{space, name});
    if (found == secrets_.end()) return std::nullopt;
    return found->second;
}

fs::path DirectoryStore::home_of(const api::Key& key) const {
    const auto problems = api::validate(key);
    if (!problems.empty()) throw Terminal(api::to_string(problems.front()));
    return folder_ / (key.space + "." + key.name);
}

void DirectoryStore::save(const api::OmsUpgrade& resource) const {
    write_state_file(home_of(resource.key) / kResource, resource);
}

api::OmsUpgrade DirectoryStore::expect_unchanged(const api::OmsUpgrade& seen) const {
    const auto now = find_unlocked(seen.key);
    if (!now || now->resource_version != seen.resource_version)
        throw Conflict("the upgrade " + spelled(seen.key) + " was changed meanwhile");
    // Wishes stay where they are: they are another process's to write.
    return read_state_file(home_of(seen.key) / kResource).value();
}

}  // namespace oms::controller
