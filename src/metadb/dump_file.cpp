#include "metadb/dump_file.hpp"

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/sha256.hpp"

#include <sys/stat.h>

#include <condition_variable>
#include <deque>
#include <exception>
#include <fcntl.h>
#include <mutex>
#include <thread>
#include <unistd.h>
#include <zstd.h>

namespace oms::metadb {
namespace {

// Dumps are made within the downtime; the higher levels cost more time than the disk they save.
constexpr int kLevel = 1;

constexpr std::size_t kBufferBytes = 1U << 20U;

// How far those who read from the server may be ahead of the disk.
constexpr std::size_t kWaitingBytesMax = 16U << 20U;

// How much is written before the disk is told to begin with it.
constexpr std::uint64_t kWritebackBytes = 8U << 20U;

}  // namespace

struct Packer::State {
    Compression compression;
    ZSTD_CCtx* context = ZSTD_createCCtx();

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

std::string Packer::pack(std::string piece) {
    if (state_->compression == Compression::None) return piece;
    std::string packed(ZSTD_compressBound(piece.size()), '\0');
    const std::size_t size =
        ZSTD_compress2(state_->context, packed.data(), packed.size(), piece.data(), piece.size());
    if (ZSTD_isError(size) != 0)
        throw Terminal(std::string("cannot compress: ") + ZSTD_getErrorName(size));
    packed.resize(size);
    return packed;
}

struct DumpFile::State {
    std::filesystem::path path;
    std::filesystem::path part;
    Descriptor file;
    Sha256 sha;
    std::uint64_t bytes = 0;
    std::string digest;

    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::string> waiting;
    std::size_t waiting_bytes = 0;
    bool is_closed = false;
    std::exception_ptr failure;
    std::thread writer;

    explicit State(std::filesystem::path whole)
        : path(std::move(whole)), part(path.string() + ".part"), file(create()) {}

    // A new file: into the one of an earlier try an operator that has been overtaken may be writing
    // still, and that is the end of it.
    int create() const {
        if (::unlink(part.c_str()) != 0 && errno != ENOENT) return -1;
        return ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    }

    bool is_replaced() const {
        struct stat mine {};
        struct stat there {};
        return ::fstat(file.get(), &mine) != 0 || ::lstat(part.c_str(), &there) != 0 ||
               mine.st_ino != there.st_ino || mine.st_dev != there.st_dev;
    }

    void close() {
        {
            const std::lock_guard lock(mutex);
            is_closed = true;
        }
        changed.notify_all();
        if (writer.joinable()) writer.join();
    }

    std::optional<std::string> take() {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return !waiting.empty() || is_closed; });
        if (waiting.empty()) return std::nullopt;
        std::string piece = std::move(waiting.front());
        waiting.pop_front();
        waiting_bytes -= piece.size();
        changed.notify_all();
        return piece;
    }

    void write(const std::string& piece) {
        write_all(file, piece, part);
        sha.update(piece);
        const std::uint64_t before = bytes;
        bytes += piece.size();
        // The disk begins at once, so that fsync has little left to wait for. Not a promise, hence
        // no error: fsync is the one that counts.
        if (bytes / kWritebackBytes != before / kWritebackBytes)
            ::sync_file_range(file.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
    }

    void write_all_that_comes() {
        try {
            while (const auto piece = take()) write(*piece);
        } catch (const std::exception&) {
            const std::lock_guard lock(mutex);
            failure = std::current_exception();
            changed.notify_all();
        }
    }
};

DumpFile::DumpFile(std::filesystem::path path) : state_(std::make_unique<State>(std::move(path))) {
    if (state_->file.get() < 0) fail_with_errno("create", state_->part);
    if (::fchmod(state_->file.get(), 0600) != 0) fail_with_errno("set the mode of", state_->part);
    state_->writer = std::thread([state = state_.get()] { state->write_all_that_comes(); });
}

DumpFile::~DumpFile() {
    // A dump that was given up is of no use, and may be large.
    {
        const std::lock_guard lock(state_->mutex);
        state_->waiting.clear();
    }
    state_->close();
    if (state_->digest.empty() && !state_->is_replaced()) ::unlink(state_->part.c_str());
}

void DumpFile::append(std::string bytes) {
    State& state = *state_;
    std::unique_lock lock(state.mutex);
    state.changed.wait(lock,
                       [&] { return state.waiting_bytes < kWaitingBytesMax || state.failure; });
    if (state.failure) std::rethrow_exception(state.failure);
    state.waiting_bytes += bytes.size();
    state.waiting.push_back(std::move(bytes));
    state.changed.notify_all();
}

void DumpFile::finish() {
    State& state = *state_;
    state.close();
    if (state.failure) std::rethrow_exception(state.failure);
    if (::fsync(state.file.get()) != 0) fail_with_errno("fsync", state.part);
    if (state.is_replaced())
        throw Transient("the dump " + state.part.string() + " was begun anew by somebody else");
    if (::rename(state.part.c_str(), state.path.c_str()) != 0)
        fail_with_errno("rename to", state.path);
    state.digest = to_hex(state.sha.finish());
    fsync_folder(state.path.parent_path());
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
        const std::size_t got = read_some(file, packed, kBufferBytes, path);
        bytes += got;
        input = {packed.data(), packed.size(), 0};
        return got;
    }
};

DumpReader::DumpReader(const std::filesystem::path& path, Compression compression)
    : state_(std::make_unique<State>(path, compression)) {
    if (state_->file.get() < 0) fail_with_errno("open", path);
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
    if (file.get() < 0) fail_with_errno("open", path);
    Sha256 sha;
    for (std::string piece; read_some(file, piece, kBufferBytes, path) != 0;) {
        if (stop.stop_requested()) throw Stopped{};
        sha.update(piece);
    }
    return to_hex(sha.finish());
}

}  // namespace oms::metadb
