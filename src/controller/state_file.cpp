#include "controller/state_file.hpp"

#include "api/manifest.hpp"
#include "base/error.hpp"
#include "base/files.hpp"
#include "base/sha256.hpp"

#include <string>

namespace oms::controller {
namespace {

constexpr std::string_view kSeal = "# sha256 of everything above; not for editing: ";

[[noreturn]] void refuse(const std::filesystem::path& source, const std::string& why) {
    throw Terminal("the state of an upgrade, " + source.string() + ", " + why +
                   ". Nothing was done. Put the file back from a copy; or, if you know that OMS is "
                   "whole and no upgrade is in flight, move the folder " +
                   source.parent_path().string() + " away and begin again");
}

}  // namespace

void write_state_file(const std::filesystem::path& path, const api::OmsUpgrade& resource) {
    std::string text = api::to_yaml(resource);
    if (!text.empty() && text.back() != '\n') text += '\n';
    const std::string digest = sha256_hex(text);
    write_durably(path, text.append(kSeal).append(digest).append("\n"));
}

std::optional<api::OmsUpgrade> read_state_file(const std::filesystem::path& path) {
    const auto text = read_whole(path);
    if (!text) return std::nullopt;
    return parse_state_file(*text, path);
}

api::OmsUpgrade parse_state_file(std::string_view text, const std::filesystem::path& source) {
    const std::size_t seal = text.rfind(kSeal);
    if (seal == std::string_view::npos) refuse(source, "is cut short");
    const std::string_view body = text.substr(0, seal);
    if (text.substr(seal + kSeal.size()) != sha256_hex(body) + "\n")
        refuse(source, "is damaged or was edited by hand");
    try {
        return api::read_stored(body, source.string());
    } catch (const api::BadManifest& error) {
        refuse(source, std::string("cannot be read: ") + error.what());
    }
}

}  // namespace oms::controller
