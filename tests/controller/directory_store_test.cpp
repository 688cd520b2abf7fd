#include "controller/directory_store.hpp"

#include "base/files.hpp"
#include "catch.hpp"
#include "tiny_world.hpp"

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace oms::controller {
namespace {

namespace fs = std::filesystem;

const api::Key kOne{"default", "one"};

/// A folder that is gone afterwards.
struct Folder {
    fs::path path =
        fs::temp_directory_path() / ("oms-operator-store-test." + std::to_string(::getpid()));
    fs::path state = path / "state";
    fs::path file = state / "default.one" / "upgrade.yaml";

    Folder() {
        fs::remove_all(path);
        fs::create_directories(path);
    }
    ~Folder() { fs::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
};

api::Status running_status(const std::string& container) {
    api::Status status;
    status.observed_generation = 1;
    status.phase = "StopOMS";
    status.message = "OMS is \"running\": ☃ # not a comment";
    api::Run run;
    run.id = "run-1";
    run.generation = 1;
    run.spec = tiny_upgrade("one", container).spec;
    run.cursor.phase = "StopOMS";
    status.run = run;
    status.before.ha_config = "{\"enable\": true}\n";
    return status;
}

std::string error_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Terminal& error) {
        return error.what();
    }
    return "";
}

using Catch::Matchers::Contains;

TEST_CASE("what is applied is found again, by another process too", "[directory]") {
    const Folder folder;
    auto manifest = tiny_upgrade("one", "oms_one");
    manifest.annotations["note"] = "mine";
    std::string uid;
    {
        DirectoryStore store(folder.state);
        auto resource = store.apply(manifest);
        uid = resource.uid;
        CHECK(resource.generation == 1);
        CHECK(uid.size() == 36);
        store.patch_status(resource, running_status("oms_one"));
        store.set_finalizer(resource, true);
    }
    DirectoryStore store(folder.state);
    const auto found = store.find(kOne);
    REQUIRE(found.has_value());
    CHECK(found->uid == uid);
    CHECK(found->spec == manifest.spec);
    CHECK(found->annotations == manifest.annotations);
    CHECK(found->status == running_status("oms_one"));
    CHECK(found->finalizers.size() == 1);
    CHECK(store.list().size() == 1);
    CHECK_FALSE(store.find({"default", "two"}).has_value());
}

TEST_CASE("a generation is a changed spec, and nothing else", "[directory]") {
    const Folder folder;
    DirectoryStore store(folder.state);
    auto manifest = tiny_upgrade("one", "oms_one");
    const auto first = store.apply(manifest);
    CHECK(store.apply(manifest).generation == 1);
    manifest.labels["a"] = "b";
    CHECK(store.apply(manifest).generation == 1);
    manifest.spec.backup.threads = 8;
    const auto second = store.apply(manifest);
    CHECK(second.generation == 2);
    CHECK(second.uid == first.uid);
}

TEST_CASE("a write on what has changed since it was read is refused", "[directory]") {
    const Folder folder;
    DirectoryStore store(folder.state);
    auto mine = store.apply(tiny_upgrade("one", "oms_one"));
    auto theirs = mine;
    store.patch_status(mine, running_status("oms_one"));
    CHECK_THROWS_AS(store.patch_status(theirs, {}), Conflict);
    CHECK_THROWS_AS(store.set_finalizer(theirs, true), Conflict);
    CHECK(store.find(kOne)->status == running_status("oms_one"));
    store.set_finalizer(mine, true);

    // A wish counts as a change: it has to be read before the next thing is done.
    store.ask(kOne, Wish::RollBack);
    CHECK_THROWS_AS(store.patch_status(mine, {}), Conflict);
}

TEST_CASE("a wish is read with the spec and does not outlive its run", "[directory]") {
    const Folder folder;
    DirectoryStore store(folder.state);
    auto manifest = tiny_upgrade("one", "oms_one");
    manifest.spec.approval = api::Approval::Required;
    auto resource = store.apply(manifest);
    store.patch_status(resource, running_status("oms_one"));
    DirectoryStore(folder.state).ask(kOne, Wish::Approve);
    DirectoryStore(folder.state).ask(kOne, Wish::RollBack);
    resource = store.find(kOne).value();
    CHECK(resource.spec.approval == api::Approval::Granted);
    CHECK(resource.spec.rollback.requested);
    CHECK(store.apply(manifest).spec.rollback.requested);

    auto ended = running_status("oms_one");
    ended.run->outcome = api::Outcome::RolledBack;
    resource = store.find(kOne).value();
    store.patch_status(resource, ended);
    CHECK(store.find(kOne)->spec.rollback.requested);
    CHECK_FALSE(store.apply(manifest).spec.rollback.requested);
    CHECK(store.find(kOne)->generation == 1);
    CHECK_THROWS_AS(store.ask({"default", "none"}, Wish::Approve), Terminal);
}

TEST_CASE("of pause and resume the last one counts", "[directory]") {
    const Folder folder;
    DirectoryStore store(folder.state);
    store.apply(tiny_upgrade("one", "oms_one"));
    store.ask(kOne, Wish::Pause);
    CHECK(store.find(kOne)->spec.paused);
    for (int i = 0; i < 1000; ++i) {
        store.ask(kOne, Wish::Resume);
        store.ask(kOne, Wish::Pause);
    }
    CHECK(store.find(kOne)->spec.paused);
    store.ask(kOne, Wish::RollBack);
    store.ask(kOne, Wish::Resume);
    CHECK_FALSE(store.find(kOne)->spec.paused);
    CHECK(store.find(kOne)->spec.rollback.requested);
    CHECK(store.wishes(kOne) == "rollback\nresume\n");
}

TEST_CASE("a process killed in the middle of a write leaves the last whole state", "[directory]") {
    const Folder folder;
    DirectoryStore store(folder.state);
    auto resource = store.apply(tiny_upgrade("one", "oms_one"));
    store.patch_status(resource, running_status("oms_one"));
    std::ofstream(folder.file.string() + ".part") << "apiVersion: oms.ocean";
    CHECK(DirectoryStore(folder.state).find(kOne)->status == running_status("oms_one"));
    store.patch_status(resource, {});
    CHECK(store.find(kOne)->status == api::Status{});
}

// Goal: a damaged state never reads like that of an upgrade that has not begun.
// Method: cut the file at every length, and flip a letter of it.
TEST_CASE("a state that is damaged is told, and nothing is done", "[directory]") {
    const Folder folder;
    DirectoryStore store(folder.state);
    auto resource = store.apply(tiny_upgrade("one", "oms_one"));
    store.patch_status(resource, running_status("oms_one"));
    const std::string whole = read_whole(folder.file).value();
    for (std::size_t size = 0; size < whole.size(); size += 7) {
        std::ofstream(folder.file, std::ios::trunc) << whole.substr(0, size);
        INFO("cut to " << size << " of " << whole.size());
        CHECK_THAT(error_of([&] { store.find(kOne); }), Contains("upgrade.yaml"));
        CHECK_THROWS_AS(store.apply(tiny_upgrade("one", "oms_one")), Terminal);
    }
    std::string edited = whole;
    edited.replace(edited.find("StopOMS"), 7, "EnableHA");
    std::ofstream(folder.file, std::ios::trunc) << edited;
    CHECK_THAT(error_of([&] { store.find(kOne); }), Contains("edited by hand"));
}

TEST_CASE("two processes exclude each other from a state directory", "[directory]") {
    const Folder folder;
    DirectoryStore store(folder.state);
    {
        const DirectoryLock lock(folder.state);
        const auto message = error_of([&] { const DirectoryLock second(folder.state); });
        CHECK_THAT(message, Contains("process " + std::to_string(::getpid())));
    }
    const DirectoryLock again(folder.state);
}

TEST_CASE("a folder of something else is not taken for a state directory", "[directory]") {
    const Folder folder;
    fs::create_directories(folder.state);
    std::ofstream(folder.state / "diary.txt") << "dear diary";
    CHECK_THAT(error_of([&] { DirectoryStore{folder.state}; }), Contains("diary.txt"));

    fs::remove(folder.state / "diary.txt");
    std::ofstream(folder.state / "oms-operator.part") << "state of";  // killed while marking it
    CHECK_NOTHROW(DirectoryStore{folder.state});

    std::ofstream(folder.state / "oms-operator", std::ios::trunc) << "format 7\n";
    CHECK_THAT(error_of([&] { DirectoryStore{folder.state}; }), Contains("another version"));
}

TEST_CASE("a run in flight is not given to another OMS by a manifest of its name", "[directory]") {
    const Folder folder;
    DirectoryStore store(folder.state);
    auto resource = store.apply(tiny_upgrade("one", "oms_one"));
    store.patch_status(resource, running_status("oms_one"));
    CHECK_THAT(error_of([&] { store.apply(tiny_upgrade("one", "oms_two")); }),
               Contains("oms_one") && Contains("another OMS"));
    auto ended = running_status("oms_one");
    ended.run->outcome = api::Outcome::Succeeded;
    store.patch_status(resource, ended);
    CHECK(store.apply(tiny_upgrade("one", "oms_two")).generation == 2);
}

TEST_CASE("secrets are answered and never written", "[directory]") {
    const Folder folder;
    DirectoryStore store(folder.state);
    store.give_secrets({{{"default", "meta"}, {{{"password", Secret{"hunter2"}}}}}});
    auto resource = store.apply(tiny_upgrade("one", "oms_one"));
    store.patch_status(resource, running_status("oms_one"));
    CHECK(store.secret("default", "meta")->values.at("password").reveal() == "hunter2");
    CHECK_FALSE(store.secret("other", "meta").has_value());
    for (const auto& entry : fs::recursive_directory_iterator(folder.state))
        if (entry.is_regular_file())
            CHECK(read_whole(entry.path()).value().find("hunter2") == std::string::npos);
}

TEST_CASE("names that would lead out of the folder are refused", "[directory]") {
    const Folder folder;
    DirectoryStore store(folder.state);
    CHECK_THROWS_AS(store.find({"default", "../../etc"}), Terminal);
    CHECK_THROWS_AS(store.find({"..", "x"}), Terminal);
}

}  // namespace
}  // namespace oms::controller
