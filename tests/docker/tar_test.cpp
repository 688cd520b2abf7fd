#include "docker/tar.hpp"

#include "base/error.hpp"
#include "catch.hpp"
#include "docker/raw_stream.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <unistd.h>

namespace oms::docker {
namespace {

TEST_CASE("a file survives the way into an archive and back", "[docker][tar]") {
    const std::size_t size = GENERATE(0, 1, 511, 512, 513, 100'000);
    const std::size_t name = GENERATE(1, 99, 100, 101, 255);
    const std::uint64_t owner = GENERATE(0U, 1000U, 2097151U, 2097152U, 4294967294U);
    const TarEntry entry{.name = std::string(name, 'n'),
                         .kind = TarEntry::Kind::File,
                         .mode = 04755,
                         .uid = owner,
                         .gid = owner / 2,
                         .content = std::string(size, '\0') + "end",
                         .target = {}};
    CHECK(read_tar(write_tar(entry)) == entry);
}

TEST_CASE("a link survives it, too", "[docker][tar]") {
    const TarEntry entry{.name = "link",
                         .kind = TarEntry::Kind::Link,
                         .mode = 0777,
                         .content = {},
                         .target = "/" + std::string(GENERATE(10, 98, 99, 300), 't')};
    CHECK(read_tar(write_tar(entry)) == entry);
}

struct Folder {
    Folder()
        : path(std::filesystem::temp_directory_path() / ("oms-tar." + std::to_string(::getpid()))) {
        std::filesystem::create_directories(path);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

// Goal: archives of the real tar are read, and it reads ours.
TEST_CASE("the tar of this machine and ours understand each other", "[docker][tar]") {
    const std::string format = GENERATE("ustar", "pax", "gnu", "v7");
    const Folder folder;
    const std::string name(format == "ustar" || format == "v7" ? 90 : 200, 'f');
    std::ofstream(folder.path / name) << "content";
    const auto run = [&folder](const std::string& command) {
        INFO(command);
        REQUIRE(std::system(("cd " + folder.path.string() + " && " + command).c_str()) == 0);
    };
    const auto read = [&folder](const std::string& file) {
        std::ostringstream all;
        all << std::ifstream(folder.path / file).rdbuf();
        return all.str();
    };
    run("tar --format=" + format + " --owner=:12 --group=:13 --mode=640 -cf theirs.tar " + name);
    const auto entry = read_tar(read("theirs.tar"));
    REQUIRE(entry);
    CHECK(entry->name == name);
    CHECK(entry->content == "content");
    CHECK(entry->mode == 0640);
    CHECK(entry->uid == 12);
    CHECK(entry->gid == 13);
    std::ofstream(folder.path / "ours.tar") << write_tar(*entry);
    run("rm " + name + " && tar -xf ours.tar && cat " + name + " | grep -qx content");
}

TEST_CASE("an archive without a file has none", "[docker][tar]") {
    CHECK_FALSE(read_tar("").has_value());
    CHECK_FALSE(read_tar(std::string(1024, '\0')).has_value());
}

TEST_CASE("an archive cut off anywhere is never taken for whole", "[docker][tar]") {
    const std::string whole =
        write_tar({.name = std::string(150, 'n'), .content = "abc", .target = {}});
    const std::size_t needed = 3 * 512 + 3;  // pax head, pax records, head, content
    for (std::size_t size = 1; size < needed; ++size) {
        INFO(size);
        CHECK_THROWS_AS(read_tar(std::string_view(whole).substr(0, size)), Transient);
    }
}

// Goal: no bytes, however wrong, do more than be refused.
// Method: flip bytes of a good archive, with a checksum made right again in half of the cases.
TEST_CASE("a damaged archive is read or refused, and nothing else", "[docker][tar]") {
    const std::string whole =
        write_tar({.name = std::string(150, 'n'), .content = "abc", .target = {}});
    std::minstd_rand random(1);
    for (int round = 0; round < 20'000; ++round) {
        std::string damaged = whole;
        for (int flips = 0; flips < 3; ++flips)
            damaged[random() % damaged.size()] = static_cast<char>(random());
        if (round % 2 == 0) {
            unsigned sum = 8 * ' ';
            for (std::size_t i = 0; i < 512; ++i)
                if (i < 148 || i >= 156) sum += static_cast<unsigned char>(damaged[i]);
            std::ostringstream octal;
            octal << std::oct << sum;
            damaged.replace(
                148,
                8,
                std::string(6 - octal.str().size(), '0') + octal.str() + std::string("\0 ", 2));
        }
        try {
            read_tar(damaged);
        } catch (const Failure&) {}
    }
    CHECK_THROWS_AS(read_tar(std::string(512, 'x')), Terminal);
}

std::string frame(char kind, std::string_view text) {
    std::string head{kind, '\0', '\0', '\0', '\0', '\0'};
    head += static_cast<char>(text.size() >> 8U);
    head += static_cast<char>(text.size() & 0xFFU);
    return head + std::string(text);
}

TEST_CASE("the two outputs of a command are told apart, however they are cut", "[docker]") {
    const std::string stream =
        frame(1, "one ") + frame(2, "bad") + frame(1, "") + frame(1, std::string(700, 'x'));
    for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
        RawStream raw(1000);
        for (std::size_t at = 0; at < stream.size(); at += piece)
            raw.feed(std::string_view(stream).substr(at, piece));
        CHECK(raw.out() == "one " + std::string(700, 'x'));
        CHECK(raw.err() == "bad");
    }
}

TEST_CASE("a command that talks without end fills no memory", "[docker]") {
    RawStream raw(10);
    for (int i = 0; i < 100; ++i) raw.feed(frame(1, "12345") + frame(2, "6"));
    CHECK(raw.out() == "123451234");
    CHECK(raw.err() == "6");
    CHECK(raw.out().size() + raw.err().size() <= 10);
}

TEST_CASE("bytes that are no frames are refused", "[docker]") {
    RawStream raw(10);
    CHECK_THROWS_AS(raw.feed("OCI runtime exec failed"), Terminal);
}

}  // namespace
}  // namespace oms::docker
