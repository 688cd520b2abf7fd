#include "docker/image_archive.hpp"

#include "base/error.hpp"
#include "docker/json_parts.hpp"
#include "docker/tar.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string_view>

namespace oms::docker {
namespace {

using nlohmann::json;

constexpr std::size_t kTarBlock = 512;
constexpr std::size_t kEntriesMax = 100'000;
constexpr std::size_t kImagesMax = 64;
constexpr std::size_t kTextMax = 4U << 20U;  // of a manifest, or of an image's configuration

class Archive {
public:
    explicit Archive(const std::filesystem::path& path)
        : path_(path), file_(path, std::ios::binary) {
        std::error_code error;
        size_ = std::filesystem::file_size(path, error);
        if (error || !file_) refuse("cannot be read");
    }

    [[noreturn]] void refuse(const std::string& why) const {
        throw Terminal("the image archive " + path_.string() + " " + why);
    }

    bool is_compressed() {
        std::array<char, 4> start{};
        read_at(0, start.data(), start.size());
        const std::string_view bytes(start.data(), start.size());
        constexpr std::array<std::string_view, 4> kMagic{"\x1F\x8B",
                                                         "BZh",
                                                         "\xFD"
                                                         "7zX",
                                                         "\x28\xB5\x2F\xFD"};
        return std::any_of(
            kMagic.begin(), kMagic.end(), [&](auto magic) { return bytes.starts_with(magic); });
    }

    /// A tar ends with two empty blocks; one whose download broke off does not.
    void must_be_whole() {
        std::array<char, 2 * kTarBlock> end{};
        if (size_ < end.size()) refuse("is too short to be an image");
        read_at(size_ - end.size(), end.data(), end.size());
        if (std::any_of(end.begin(), end.end(), [](char byte) { return byte != 0; }))
            refuse("is cut off, or is no archive of an image; fetch it again");
    }

    /// The content of a file in it; empty when there is none of that name.
    std::optional<std::string> find(std::string_view name) {
        std::uint64_t at = 0;
        for (std::size_t entry = 0; entry < kEntriesMax; ++entry) {
            const auto found = entry_at(at);
            if (!found) return std::nullopt;
            if (found->is_file && found->name == name) return content_of(*found);
            at = found->next;
        }
        refuse("has more than " + std::to_string(kEntriesMax) + " entries; is it an image?");
    }

private:
    struct Entry {
        std::string name;
        bool is_file = false;
        std::uint64_t begin = 0;
        std::uint64_t size = 0;
        std::uint64_t next = 0;
    };

    void read_at(std::uint64_t at, char* to, std::size_t size) {
        file_.clear();
        file_.seekg(static_cast<std::streamoff>(at));
        file_.read(to, static_cast<std::streamsize>(size));
        if (static_cast<std::size_t>(file_.gcount()) != size)
            refuse("is cut off, or is no archive of an image; fetch it again");
    }

    /// The entry whose header, extensions included, begins at `at`; empty at the end.
    std::optional<Entry> entry_at(std::uint64_t at) {
        std::string head;
        while (true) {
            head.resize(head.size() + kTarBlock);
            read_at(at + head.size() - kTarBlock, head.data() + head.size() - kTarBlock, kTarBlock);
            const auto seen = read_tar_head(head, path_.string());
            if (!seen) return std::nullopt;
            if (seen->whole) return finish(*seen, at + head.size());
            if (seen->more > kTextMax || head.size() > 2 * kTextMax)
                refuse("has a header that is too large");
            const std::size_t had = head.size();
            head.resize(had + seen->more);
            read_at(at + had, head.data() + had, seen->more);
        }
    }

    Entry finish(const TarHead& head, std::uint64_t begin) const {
        const std::uint64_t padded = (head.size + kTarBlock - 1) / kTarBlock * kTarBlock;
        if (head.size > size_ || begin + head.size > size_) refuse("is cut off; fetch it again");
        return {head.name, head.is_file, begin, head.size, begin + padded};
    }

    std::string content_of(const Entry& entry) {
        if (entry.size > kTextMax) refuse("has a " + entry.name + " that is too large");
        std::string content(static_cast<std::size_t>(entry.size), '\0');
        read_at(entry.begin, content.data(), content.size());
        return content;
    }

    std::filesystem::path path_;
    std::ifstream file_;
    std::uint64_t size_ = 0;
};

json parse(const Archive& archive, const std::string& text, const std::string& name) {
    json value = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (value.is_discarded()) archive.refuse("has a " + name + " that is no JSON");
    return value;
}

runtime::ImageArchive::Image read_image(Archive& archive, const json& listed) {
    runtime::ImageArchive::Image image;
    for (const json& tag : part(listed, "RepoTags"))
        if (tag.is_string()) image.tags.push_back(tag.get<std::string>());
    const std::string name = text(listed, "Config");
    const auto config = archive.find(name);
    if (!config) archive.refuse("has no " + name + ", which its manifest names; fetch it again");
    image.architecture = text(parse(archive, *config, name), "architecture");
    return image;
}

}  // namespace

runtime::ImageArchive read_image_archive(const std::filesystem::path& path) {
    Archive archive(path);
    if (archive.is_compressed()) return {.is_compressed = true, .images = {}};
    archive.must_be_whole();
    const auto manifest = archive.find("manifest.json");
    if (!manifest) archive.refuse("has no manifest.json: `docker save` did not write it");
    const json listed = parse(archive, *manifest, "manifest.json");
    if (!listed.is_array() || listed.empty() || listed.size() > kImagesMax)
        archive.refuse("has a manifest.json that lists no images");
    runtime::ImageArchive found;
    for (const json& one : listed) found.images.push_back(read_image(archive, one));
    return found;
}

}  // namespace oms::docker
