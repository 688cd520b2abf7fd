#include "base/base64.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cctype>

namespace oms {

std::string to_base64(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    std::string packed;
    std::copy_if(text.begin(), text.end(), std::back_inserter(packed), [](unsigned char c) {
        return std::isspace(c) == 0;
    });
    if (packed.size() % 4 != 0) return std::nullopt;
    std::string bytes(packed.size() / 4 * 3, '\0');
    const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(packed.data()),
                                     static_cast<int>(packed.size()));
    if (size < 0) return std::nullopt;
    // EVP_DecodeBlock counts the bytes that the padding stands for.
    const auto padding = static_cast<std::size_t>(std::count(
        packed.end() - std::min<std::ptrdiff_t>(2, std::ssize(packed)), packed.end(), '='));
    bytes.resize(static_cast<std::size_t>(size) - padding);
    return bytes;
}

}  // namespace oms
