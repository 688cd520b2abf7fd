#pragma once

#include "metadb/meta_db.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace oms::metadb {

/// Compresses pieces of a dump, each into a zstd frame of its own: frames one after another are a
/// valid file, so every worker packs on its own. One per thread.
class Packer {
public:
    explicit Packer(Compression);
    ~Packer();
    Packer(Packer&&) noexcept;

    std::string pack(std::string piece);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// A dump on its way to the disk: written under a temporary name, private to its owner.
///
/// A thread of its own digests and writes what is appended, so that those who read from the server
/// go on meanwhile.
class DumpFile {
public:
    /// `path`: its name once it is whole. What an earlier try left under the temporary name goes.
    explicit DumpFile(std::filesystem::path path);
    ~DumpFile();
    DumpFile(const DumpFile&) = delete;
    DumpFile& operator=(const DumpFile&) = delete;

    /// By any thread. Waits while the disk is far behind. Terminal when something appended before
    /// could not be written.
    void append(std::string bytes);

    /// Makes it durable under its own name.
    void finish();

    // After finish():
    std::uint64_t bytes() const;
    std::string sha256() const;  // hex

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Reads a dump piece by piece, uncompressed.
class DumpReader {
public:
    DumpReader(const std::filesystem::path& path, Compression);
    ~DumpReader();
    DumpReader(const DumpReader&) = delete;
    DumpReader& operator=(const DumpReader&) = delete;

    /// The next piece, valid until the next call; empty at the end.
    std::string_view next();

    /// How much of the file has been read.
    std::uint64_t bytes() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Of a name in a manifest: ".zst" or not.
Compression compression_of(std::string_view file);

/// SHA-256 of a file, read in pieces: hex. Stopped as the token says.
std::string sha256_of(const std::filesystem::path& path, const std::stop_token&);

}  // namespace oms::metadb
