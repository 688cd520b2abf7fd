// Dump, restore and comparison of databases as an upgrade does them, and nothing else, so that
// their time can be held against that of the stock tools. Prints the seconds that the call took.

#include "metadb/backups.hpp"
#include "metadb/meta_db.hpp"

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace oms;

constexpr std::string_view kUsage =
    "usage: metadb_bench dump|restore|compare HOST PORT USER FOLDER THREADS none|zstd DATABASE...\n"
    "The password is read from OMS_BENCH_PASSWORD. THREADS and compression are those of a dump;\n"
    "restore and compare choose their own.\n";

struct Task {
    std::string verb;
    metadb::Address address;
    std::string folder;
    metadb::DumpOptions options;
    std::vector<std::string> databases;
};

unsigned number(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        throw std::invalid_argument("not a number: " + std::string(text));
    return value;
}

Task read_task(const std::vector<std::string>& words) {
    if (words.size() < 8) throw std::invalid_argument("too few words");
    if (words[6] != "none" && words[6] != "zstd")
        throw std::invalid_argument("no such compression: " + words[6]);
    const char* password = std::getenv("OMS_BENCH_PASSWORD");
    return {.verb = words[0],
            .address = {.host = words[1],
                        .port = static_cast<std::uint16_t>(number(words[2])),
                        .user = words[3],
                        .password = Secret(password == nullptr ? "" : password)},
            .folder = words[4],
            .options = {.compression = words[6] == "zstd" ? metadb::Compression::Zstd
                                                          : metadb::Compression::None,
                        .threads = number(words[5])},
            .databases = {words.begin() + 7, words.end()}};
}

std::vector<metadb::DumpManifest> manifests(const Task& task) {
    const auto backups = metadb::make_backups(task.folder);
    std::vector<metadb::DumpManifest> all;
    for (const auto& database : task.databases) {
        auto found = backups->find(database, false);
        if (!found) throw std::runtime_error("no dump of " + database + " in " + task.folder);
        all.push_back(std::move(*found));
    }
    return all;
}

void compare(const metadb::MetaDb& server, const std::vector<metadb::DumpManifest>& dumps) {
    for (const auto& dump : dumps)
        if (const auto difference = server.first_difference(dump, [](const Progress&) {}, {}))
            throw std::runtime_error(dump.database + ": " + *difference);
}

void carry_out(const Task& task) {
    const auto server = metadb::make_meta_db(task.address);
    const auto ignore = [](const Progress&) {};
    if (task.verb == "dump") {
        server->dump(task.databases, task.folder, task.options, ignore, {});
    } else if (task.verb == "restore") {
        server->restore(manifests(task), task.folder, ignore, {});
    } else if (task.verb == "compare") {
        compare(*server, manifests(task));
    } else {
        throw std::invalid_argument("no such verb: " + task.verb);
    }
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const Task task = read_task({argv + 1, argv + argc});
        const auto begin = std::chrono::steady_clock::now();
        carry_out(task);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        std::cout << took.count() << '\n';
        return 0;
    } catch (const std::invalid_argument& error) {
        std::cerr << "metadb_bench: " << error.what() << '\n' << kUsage;
        return 64;
    } catch (const std::exception& error) {
        std::cerr << "metadb_bench: " << error.what() << '\n';
        return 1;
    }
}
