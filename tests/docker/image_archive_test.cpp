// Goal: an archive is read as docker save and others write it, and nothing else passes for one.
// Method: archives put together of single entries, in files of their own.

#include "docker/image_archive.hpp"

#include "base/error.hpp"
#include "catch.hpp"
#include "docker/tar.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace oms::docker {
namespace {

using Image = runtime::ImageArchive::Image;

class File {
public:
    explicit File(const std::string& content) { std::ofstream(path_, std::ios::binary) << content; }
    ~File() { std::filesystem::remove(path_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    const std::filesystem::path path_ =
        "/tmp/oms-operator-archive-test." + std::to_string(::getpid());
};

/// One entry without the two blocks that end an archive.
std::string entry(const std::string& name, const std::string& content) {
    std::string archive = write_tar({.name = name, .content = content, .target = {}});
    archive.resize(archive.size() - 1024);
    return archive;
}

std::string ended(const std::string& entries) {
    return entries + std::string(1024, '\0');
}

const std::string kManifest = entry(
    "manifest.json",
    R"([{"Config": "abc.json", "RepoTags": ["oms:feature_4.3.1"], "Layers": ["l/layer.tar"]}])");
const std::string kConfig = entry("abc.json", R"({"architecture": "arm64", "os": "linux"})");
const std::string kLayer = entry("l/layer.tar", std::string(100'000, 'x'));

TEST_CASE("an archive tells its images and what they are for", "[docker][archive]") {
    const std::string entries = GENERATE(as<std::string>{},
                                         kLayer + kConfig + kManifest,
                                         kManifest + kLayer + kConfig,
                                         entry(std::string(180, 'd'), "x") + kConfig + kManifest);
    const File file(ended(entries));
    const auto found = read_image_archive(file.path());
    CHECK_FALSE(found.is_compressed);
    CHECK(found.images == std::vector<Image>{{{"oms:feature_4.3.1"}, "arm64"}});
}

TEST_CASE("an image without tags, or without an architecture, is one too", "[docker][archive]") {
    const File file(
        ended(entry("manifest.json", R"([{"Config": "c", "RepoTags": null}])") + entry("c", "{}")));
    CHECK(read_image_archive(file.path()).images == std::vector<Image>{{{}, ""}});
}

TEST_CASE("of a compressed archive nothing can be said", "[docker][archive]") {
    const std::string start = GENERATE(as<std::string>{},
                                       "\x1F\x8B",
                                       "BZh9",
                                       "\xFD"
                                       "7zXZ",
                                       "\x28\xB5\x2F\xFD");
    const File file(start + "some bytes");
    CHECK(read_image_archive(file.path()).is_compressed);
}

TEST_CASE("what is no whole archive of an image is refused by name", "[docker][archive]") {
    const std::string whole = ended(kLayer + kConfig + kManifest);
    const std::string content = GENERATE_COPY(as<std::string>{},
                                              std::string("abc"),
                                              std::string(2048, 'x'),
                                              std::string(1024, '\0'),
                                              whole.substr(0, 50'000),
                                              whole.substr(0, whole.size() - 1024),
                                              ended(kConfig),
                                              ended(kManifest),
                                              ended(entry("manifest.json", "[]")),
                                              ended(entry("manifest.json", "{}")),
                                              ended(entry("manifest.json", "no JSON")));
    const File file(content);
    CHECK_THROWS_WITH(read_image_archive(file.path()),
                      Catch::Matchers::Contains(file.path().string()));
    CHECK_THROWS_AS(read_image_archive(file.path()), Terminal);
}

TEST_CASE("an archive that is not there is refused", "[docker][archive]") {
    CHECK_THROWS_AS(read_image_archive("/nonexistent/oms.tar"), Terminal);
}

}  // namespace
}  // namespace oms::docker
