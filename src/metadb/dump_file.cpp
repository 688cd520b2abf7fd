#include "metadb/dump_file.hpp"

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/sha256.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

namespace oms::metadb {
namespace {

// Dumps are made within the downtime; the higher levels cost more time than the disk they save.
constexpr int kLevel = 1;

constexpr std::size_t kBufferBytes = 1U << 20U;

[[noreturn]] void fail(const std::string& doing, const std::filesystem::path& path) {
    const int code = errno;
    throw Terminal("cannot " + doing + " " + path.string() + ": " + std::strerror(code) +
                   (code == ENOSPC ? "; make room there, or give the backup another folder" : ""));
}

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return fd_; }

private:
    int fd_;
};

std::size_t read_some(const Descriptor& file,
                      std::string& into,
                      const std::filesystem::path& path) {
    into.resize(kBufferBytes);
    while (true) {
        const ssize_t got = ::read(file.get(), into.data(), into.size());
        if (got >= 0) {
            into.resize(static_cast<std::size_t>(got));
            return into.size();
        }
        if (errno != EINTR) fail("read", path);
    }
}

}  // namespace

struct Packer::State {
    Compression compression;
    ZSTD_CCtx* context = ZSTD_createCCtx();
    std::string packed;

    explicit State(Compression c) : compression(c) {}
    ~State() { ZSTD_freeCCtx(context); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
};

Packer::Packer(Compression compression) : state_(std::make_unique<State>(compression)) {
    if (state_->context == nullptr) throw Terminal("cannot compress: out of memory");
    ZSTD_CCtx_setParameter(state_->context, ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setParameter(state_->context, ZSTD_c_checksumFlag, 1);
}

Packer::~Packer() = default;
Packer::Packer(Packer&&) noexcept = default;

std::string_view Packer::pack(std::string_view piece) {
    if (state_->compression == Compression::None) return piece;
    std::string& packed = state_->packed;
    packed.resize(ZSTD_compressBound(piece.size()));
    const std::size_t size =
        ZSTD_compress2(state_->context, packed.data(), packed.size(), piece.data(), piece.size());
    if (ZSTD_isError(size) != 0)
        throw Terminal(std::string("cannot compress: ") + ZSTD_getErrorName(size));
    return std::string_view(packed).substr(0, size);
}

struct DumpFile::State {
    std::filesystem::path path;
    std::filesystem::path part;
    Descriptor file;
    Sha256 sha;
    std::uint64_t bytes = 0;
    std::string digest;

    explicit State(std::filesystem::path whole)
        : path(std::move(whole)),
          part(path.string() + ".part"),
          file(::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
};

DumpFile::DumpFile(std::filesystem::path path) : state_(std::make_unique<State>(std::move(path))) {
    if (state_->file.get() < 0) fail("create", state_->part);
    if (::fchmod(state_->file.get(), 0600) != 0) fail("set the mode of", state_->part);
}

DumpFile::~DumpFile() {
    // A dump that was given up is of no use, and may be large.
    if (state_->digest.empty()) ::unlink(state_->part.c_str());
}

void DumpFile::append(std::string_view bytes) {
    for (std::string_view rest = bytes; !rest.empty();) {
        const ssize_t written = ::write(state_->file.get(), rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail("write", state_->part);
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    state_->sha.update(bytes);
    state_->bytes += bytes.size();
}

void DumpFile::finish() {
    if (::fsync(state_->file.get()) != 0) fail("fsync", state_->part);
    if (::rename(state_->part.c_str(), state_->path.c_str()) != 0) fail("rename to", state_->path);
    state_->digest = to_hex(state_->sha.finish());
    fsync_folder(state_->path.parent_path());
}

std::uint64_t DumpFile::bytes() const {
    return state_->bytes;
}

std::string DumpFile::sha256() const {
    return state_->digest;
}

struct DumpReader::State {
    std::filesystem::path path;
    Compression compression;
    Descriptor file;
    ZSTD_DCtx* context = ZSTD_createDCtx();
    std::uint64_t bytes = 0;
    std::string packed;
    ZSTD_inBuffer input{nullptr, 0, 0};
    std::string plain;
    bool is_within_frame = false;

    State(std::filesystem::path p, Compression c)
        : path(std::move(p)),
          compression(c),
          file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) {}
    ~State() { ZSTD_freeDCtx(context); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    std::size_t read() {
        const std::size_t got = read_some(file, packed, path);
        bytes += got;
        input = {packed.data(), packed.size(), 0};
        return got;
    }
};

DumpReader::DumpReader(const std::filesystem::path& path, Compression compression)
    : state_(std::make_unique<State>(path, compression)) {
    if (state_->file.get() < 0) fail("open", path);
}

DumpReader::~DumpReader() = default;

std::uint64_t DumpReader::bytes() const {
    return state_->bytes;
}

std::string_view DumpReader::next() {
    State& state = *state_;
    if (state.compression == Compression::None) {
        state.read();
        return state.packed;
    }
    state.plain.resize(kBufferBytes);
    while (true) {
        if (state.input.pos == state.input.size && state.read() == 0) {
            if (state.is_within_frame)
                throw Terminal("the dump " + state.path.string() + " ends in the middle");
            return {};
        }
        ZSTD_outBuffer output{state.plain.data(), state.plain.size(), 0};
        const std::size_t hint = ZSTD_decompressStream(state.context, &output, &state.input);
        if (ZSTD_isError(hint) != 0) {
            throw Terminal("the dump " + state.path.string() +
                           " is damaged: " + ZSTD_getErrorName(hint));
        }
        state.is_within_frame = hint != 0;
        if (output.pos != 0) return std::string_view(state.plain).substr(0, output.pos);
    }
}

Compression compression_of(std::string_view file) {
    return file.ends_with(".zst") ? Compression::Zstd : Compression::None;
}

std::string sha256_of(const std::filesystem::path& path, const std::stop_token& stop) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (file.get() < 0) fail("open", path);
    Sha256 sha;
    for (std::string piece; read_some(file, piece, path) != 0;) {
        if (stop.stop_requested()) throw Stopped{};
        sha.update(piece);
    }
    return to_hex(sha.finish());
}

}  // namespace oms::metadb
