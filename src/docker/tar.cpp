#include "docker/tar.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>

namespace oms::docker {
namespace {

constexpr std::size_t kBlock = 512;

/// Where a field lies in a header block (POSIX.1-1988, "ustar").
struct Field {
    std::size_t at;
    std::size_t size;
};
constexpr Field kName{0, 100};
constexpr Field kMode{100, 8};
constexpr Field kUid{108, 8};
constexpr Field kGid{116, 8};
constexpr Field kSize{124, 12};
constexpr Field kModified{136, 12};
constexpr Field kChecksum{148, 8};
constexpr std::size_t kType = 156;
constexpr Field kTarget{157, 100};
constexpr Field kMagic{257, 8};
constexpr Field kPrefix{345, 155};

[[noreturn]] void throw_malformed(const char* what) {
    throw Terminal(std::string("docker: an archive of the daemon is not a tar archive: ") + what);
}

std::string_view text(std::string_view header, Field field) {
    const auto all = header.substr(field.at, field.size);
    return all.substr(0, all.find('\0'));
}

/// Octal digits, or (GNU, for large values) a big-endian number after a byte 0x80.
std::uint64_t number(std::string_view header, Field field) {
    auto digits = header.substr(field.at, field.size);
    std::uint64_t value = 0;
    if (digits.front() == '\x80') {
        for (const char byte : digits.substr(1)) {
            if (value >> 56U != 0) throw_malformed("a number is too large");
            value = value << 8U | static_cast<unsigned char>(byte);
        }
        return value;
    }
    while (!digits.empty() && digits.front() == ' ') digits.remove_prefix(1);
    const char* end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, value, 8);
    const bool ends = parsed.ptr == end || *parsed.ptr == '\0' || *parsed.ptr == ' ';
    const bool empty = digits.empty() || digits.front() == '\0';
    if (!empty && (parsed.ec != std::errc{} || !ends)) throw_malformed("a number is none");
    return value;
}

std::uint64_t checksum(std::string_view header) {
    const auto sum = [](std::string_view bytes) {
        return std::accumulate(
            bytes.begin(), bytes.end(), std::uint64_t{0}, [](std::uint64_t all, char byte) {
                return all + static_cast<unsigned char>(byte);
            });
    };
    return sum(header.substr(0, kChecksum.at)) + kChecksum.size * ' ' +
           sum(header.substr(kChecksum.at + kChecksum.size));
}

/// What an extension entry says about the one after it.
struct Extension {
    std::optional<std::string> path;
    std::optional<std::string> target;
    std::optional<std::uint64_t> size;
    std::optional<std::uint64_t> uid;
    std::optional<std::uint64_t> gid;
};

std::uint64_t decimal(std::string_view digits) {
    std::uint64_t value = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (parsed.ec != std::errc{}) throw_malformed("a number is none");
    return value;
}

void set(Extension& extension, std::string_view key, std::string_view value) {
    if (key == "path") extension.path = value;
    if (key == "linkpath") extension.target = value;
    if (key == "size") extension.size = decimal(value);
    if (key == "uid") extension.uid = decimal(value);
    if (key == "gid") extension.gid = decimal(value);
}

/// Records like "30 path=very/long/name\n", the number counting the whole record.
void read_pax(std::string_view records, Extension& extension) {
    while (!records.empty() && records.front() != '\0') {
        const auto space = records.find(' ');
        if (space == std::string_view::npos) throw_malformed("a pax record has no length");
        const auto size = decimal(records.substr(0, space));
        if (size <= space + 1 || size > records.size()) throw_malformed("a pax record is cut");
        auto record = records.substr(space + 1, size - space - 1);
        if (record.back() == '\n') record.remove_suffix(1);
        const auto equals = record.find('=');
        if (equals == std::string_view::npos) throw_malformed("a pax record has no value");
        set(extension, record.substr(0, equals), record.substr(equals + 1));
        records.remove_prefix(size);
    }
}

std::string_view take(std::string_view& archive, std::uint64_t size) {
    if (archive.size() < size)
        throw Transient("docker: an archive of the daemon is cut off; the file changed meanwhile");
    const auto bytes = archive.substr(0, size);
    const auto padding = (kBlock - size % kBlock) % kBlock;
    archive.remove_prefix(std::min<std::uint64_t>(size + padding, archive.size()));
    return bytes;
}

/// True when `type` is an extension, and was read into `extension`.
bool read_extension(char type, std::string_view content, Extension& extension) {
    const auto long_text = std::string(content.substr(0, content.find('\0')));
    switch (type) {
        case 'x':
            read_pax(content, extension);
            return true;
        case 'g':
            return true;
        case 'L':
            extension.path = long_text;
            return true;
        case 'K':
            extension.target = long_text;
            return true;
        default:
            return false;
    }
}

TarEntry read_entry(std::string_view header, const Extension& extension) {
    TarEntry entry;
    const char type = header[kType];
    entry.kind = type == '0' || type == '\0' || type == '7' ? TarEntry::Kind::File
                 : type == '2'                              ? TarEntry::Kind::Link
                                                            : TarEntry::Kind::Other;
    entry.name = text(header, kName);
    const auto prefix = text(header, kPrefix);
    if (text(header, kMagic) == "ustar" && !prefix.empty())
        entry.name = std::string(prefix) + "/" + entry.name;
    entry.name = extension.path.value_or(entry.name);
    entry.target = extension.target.value_or(std::string(text(header, kTarget)));
    entry.mode = static_cast<std::uint32_t>(number(header, kMode) & 07777U);
    entry.uid = extension.uid.value_or(number(header, kUid));
    entry.gid = extension.gid.value_or(number(header, kGid));
    return entry;
}

void put(std::string& header, Field field, std::string_view value) {
    std::copy(value.begin(), value.end(), header.begin() + static_cast<std::ptrdiff_t>(field.at));
}

void put(std::string& header, Field field, std::uint64_t value) {
    std::string digits(field.size - 1, '0');
    std::array<char, 24> octal{};
    const auto end = std::to_chars(octal.data(), octal.data() + octal.size(), value, 8).ptr;
    const auto size = static_cast<std::size_t>(end - octal.data());
    if (size <= digits.size()) {
        digits.replace(digits.size() - size, size, octal.data(), size);
        put(header, field, digits);
        return;
    }
    header[field.at] = '\x80';
    for (std::size_t i = 1; i < field.size && i <= sizeof value; ++i)
        header[field.at + field.size - i] = static_cast<char>(value >> (8 * (i - 1)) & 0xFFU);
}

std::string member(const TarEntry& entry, char type, std::string_view content) {
    std::string header(kBlock, '\0');
    put(header, kName, std::string_view(entry.name).substr(0, kName.size));
    put(header, kMode, entry.mode);
    put(header, kUid, entry.uid);
    put(header, kGid, entry.gid);
    put(header, kSize, content.size());
    put(header, kModified, 0);
    header[kType] = type;
    put(header, kTarget, std::string_view(entry.target).substr(0, kTarget.size));
    put(header,
        kMagic,
        std::string_view("ustar\0"
                         "00",
                         kMagic.size));
    std::string sum(kChecksum.size - 2, '0');
    std::array<char, 24> octal{};
    const auto end =
        std::to_chars(octal.data(), octal.data() + octal.size(), checksum(header), 8).ptr;
    const auto size = static_cast<std::size_t>(end - octal.data());
    sum.replace(sum.size() - size, size, octal.data(), size);
    put(header, kChecksum, sum + std::string("\0 ", 2));
    std::string all = header + std::string(content);
    all.resize((all.size() + kBlock - 1) / kBlock * kBlock, '\0');
    return all;
}

std::string pax_record(const std::string& key, const std::string& value) {
    const std::size_t rest = key.size() + value.size() + 3;  // the space, the '=' and the newline
    std::size_t size = rest + 1;
    while (size != rest + std::to_string(size).size()) size = rest + std::to_string(size).size();
    return std::to_string(size) + " " + key + "=" + value + "\n";
}

}  // namespace

std::string write_tar(const TarEntry& entry) {
    std::string archive;
    std::string records;
    if (entry.name.size() > kName.size) records += pax_record("path", entry.name);
    if (entry.target.size() > kTarget.size) records += pax_record("linkpath", entry.target);
    if (!records.empty())
        archive += member({.name = "pax", .content = {}, .target = {}}, 'x', records);
    const bool link = entry.kind == TarEntry::Kind::Link;
    archive += member(entry, link ? '2' : '0', link ? std::string_view{} : entry.content);
    archive.append(2 * kBlock, '\0');
    return archive;
}

std::optional<TarEntry> read_tar(std::string_view archive) {
    Extension extension;
    bool announced = false;  // an extension has come, and what it extends must follow
    while (!archive.empty() || announced) {
        const auto header = take(archive, kBlock);
        if (!announced && header.find_first_not_of('\0') == std::string_view::npos)
            return std::nullopt;
        if (number(header, kChecksum) != checksum(header)) throw_malformed("a checksum is wrong");
        const char type = header[kType];
        const bool extends = type == 'x' || type == 'g' || type == 'L' || type == 'K';
        const auto size =
            extends ? number(header, kSize) : extension.size.value_or(number(header, kSize));
        if (extends) {
            read_extension(type, take(archive, size), extension);
            announced = true;
            continue;
        }
        TarEntry entry = read_entry(header, extension);
        if (entry.kind == TarEntry::Kind::File) entry.content = take(archive, size);
        return entry;
    }
    return std::nullopt;
}

std::optional<TarHead> read_tar_head(std::string_view bytes, std::string_view archive) {
    try {
        Extension extension;
        while (true) {
            const auto header = take(bytes, kBlock);
            if (header.find_first_not_of('\0') == std::string_view::npos) return std::nullopt;
            if (number(header, kChecksum) != checksum(header))
                throw_malformed("a checksum is wrong");
            const char type = header[kType];
            const std::uint64_t size = number(header, kSize);
            if (type != 'x' && type != 'g' && type != 'L' && type != 'K') {
                const TarEntry entry = read_entry(header, extension);
                return TarHead{.whole = true,
                               .more = 0,
                               .name = entry.name,
                               .is_file = entry.kind == TarEntry::Kind::File,
                               .size = extension.size.value_or(size)};
            }
            const std::uint64_t padded = (size + kBlock - 1) / kBlock * kBlock;
            if (bytes.size() < padded) return TarHead{.more = padded - bytes.size(), .name = {}};
            read_extension(type, take(bytes, size), extension);
            if (bytes.empty()) return TarHead{.more = 0, .name = {}};
        }
    } catch (const Failure&) {
        throw Terminal("the image archive " + std::string(archive) +
                       " is no archive that docker save has written; fetch it again");
    }
}

}  // namespace oms::docker
