#include "metadb/backups.hpp"

#include "base/error.hpp"
#include "base/files.hpp"
#include "metadb/dump_file.hpp"
#include "metadb/manifest.hpp"

#include <system_error>

namespace oms::metadb {
namespace {

class Folder final : public Backups {
public:
    Folder(std::filesystem::path folder, Permit permit)
        : folder_(std::move(folder)), permit_(std::move(permit)) {}

    std::filesystem::path folder() const override { return folder_; }

    std::uint64_t free_bytes() const override {
        // The folder is made when first used; until then its nearest parent says how much there is.
        std::filesystem::path there = std::filesystem::absolute(folder_);
        while (!std::filesystem::exists(there) && there.has_relative_path())
            there = there.parent_path();
        std::error_code error;
        const auto space = std::filesystem::space(there, error);
        if (error) {
            throw Terminal("cannot tell how much room there is at " + folder_.string() + ": " +
                           error.message());
        }
        return space.available;
    }

    std::optional<DumpManifest> find(const std::string& database, bool read_back) const override {
        auto manifest = find_dump(folder_, database);
        if (!manifest || !read_back) return manifest;
        const std::filesystem::path file = folder_ / manifest->file;
        const std::string found = sha256_of(file, {});
        if (found != manifest->sha256) {
            throw Terminal("the dump " + file.string() + " has the SHA-256 " + found +
                           ", its manifest says " + manifest->sha256 +
                           ": it was changed or damaged since it was written");
        }
        return manifest;
    }

    std::optional<std::string> read(const std::string& name) const override {
        return read_whole(folder_ / checked(name));
    }

    void keep(const std::string& name, const std::string& content) override {
        permit_.demand();
        make_private_folder(folder_);
        write_durably(folder_ / checked(name), content);
    }

private:
    static const std::string& checked(const std::string& name) {
        if (name.empty() || name.find('/') != std::string::npos || name == "." || name == "..")
            throw Terminal("'" + name + "' is not the name of a file in the backup folder");
        return name;
    }

    std::filesystem::path folder_;
    Permit permit_;
};

}  // namespace

std::unique_ptr<Backups> make_backups(std::filesystem::path folder, Permit permit) {
    return std::make_unique<Folder>(std::move(folder), std::move(permit));
}

}  // namespace oms::metadb
