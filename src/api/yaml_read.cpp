#include "api/yaml_read.hpp"

#include "api/manifest.hpp"
#include "base/utf8.hpp"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <regex>

namespace oms::api {
namespace {

using Json = nlohmann::json;

// A manifest has a dozen levels at most. The count bounds what aliases of aliases can blow up to.
constexpr int kDepthMax = 32;
constexpr int kNodesMax = 50000;
constexpr std::size_t kDocumentsMax = 256;
constexpr std::size_t kScalarBytesOfNumberMax = 40;

int line_of(const YAML::Mark& mark) {
    return mark.is_null() ? 0 : mark.line + 1;
}

Json resolve_number(const std::string& text) {
    static const std::regex integer("[-+]?[0-9]+");
    static const std::regex real("[-+]?([.][0-9]+|[0-9]+([.][0-9]*)?)([eE][-+]?[0-9]+)?");
    if (text.size() > kScalarBytesOfNumberMax || !std::regex_match(text, real)) return text;
    if (std::regex_match(text, integer)) {
        std::int64_t number = 0;
        const char* begin = text.data() + (text.front() == '+' ? 1 : 0);
        const char* end = text.data() + text.size();
        if (std::from_chars(begin, end, number).ec == std::errc{}) return number;
    }
    return std::strtod(text.c_str(), nullptr);
}

/// One document on its way to JSON.
class Conversion {
public:
    YamlDocument convert(const YAML::Node& root) {
        document_.lines[""] = line_of(root.Mark());
        document_.value = convert(root, "", 0);
        return std::move(document_);
    }

private:
    Json convert(const YAML::Node& node, const std::string& path, int depth) {
        if (++count_ > kNodesMax)
            return give_up(node, path, "holds too much, or aliases of aliases");
        if (depth > kDepthMax) return give_up(node, path, "is nested too deep");
        switch (node.Type()) {
            case YAML::NodeType::Map:
                return convert_map(node, path, depth);
            case YAML::NodeType::Sequence:
                return convert_list(node, path, depth);
            case YAML::NodeType::Scalar:
                return convert_scalar(node, path);
            default:
                return nullptr;
        }
    }

    Json convert_map(const YAML::Node& node, const std::string& path, int depth) {
        refuse_tag(node, path, "?");
        auto object = Json::object();
        for (const auto& pair : node) {
            if (given_up_) break;
            const auto name = key_of(pair.first, path);
            if (!name) continue;
            const std::string deeper = path.empty() ? *name : path + "." + *name;
            if (object.contains(*name)) {
                add(pair.first, deeper, "stands here twice");
                continue;
            }
            document_.lines[deeper] = line_of(pair.first.Mark());
            object[*name] = convert(pair.second, deeper, depth + 1);
        }
        return object;
    }

    Json convert_list(const YAML::Node& node, const std::string& path, int depth) {
        refuse_tag(node, path, "?");
        auto list = Json::array();
        for (const auto& one : node) {
            if (given_up_) break;
            const std::string deeper = path + "[" + std::to_string(list.size()) + "]";
            document_.lines[deeper] = line_of(one.Mark());
            list.push_back(convert(one, deeper, depth + 1));
        }
        return list;
    }

    Json convert_scalar(const YAML::Node& node, const std::string& path) {
        const std::string& tag = node.Tag();  // "!" when quoted, "?" when plain
        if (tag == "!" || tag == "tag:yaml.org,2002:str") return node.Scalar();
        refuse_tag(node, path, "?");
        const std::string& text = node.Scalar();
        static const std::regex octal_or_hex("[-+]?0[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+");
        if (text.size() <= kScalarBytesOfNumberMax && std::regex_match(text, octal_or_hex)) {
            add(node,
                path,
                "must be a plain number, or text in quotes: tools read " + text +
                    " in different ways");
        }
        return resolve_plain(text);
    }

    std::optional<std::string> key_of(const YAML::Node& key, const std::string& path) {
        if (!key.IsScalar() || (key.Tag() != "!" && !resolve_plain(key.Scalar()).is_string())) {
            add(key, path, "has a key that is not text");
            return std::nullopt;
        }
        if (key.Tag() != "!" && key.Scalar() == "<<") {
            add(key, path, "has a merge key (<<), which YAML 1.2 does not know");
            return std::nullopt;
        }
        return key.Scalar();
    }

    void refuse_tag(const YAML::Node& node, const std::string& path, std::string_view allowed) {
        if (!node.Tag().empty() && node.Tag() != allowed)
            add(node, path, "must not have a tag, but has " + as_prose(node.Tag(), 60));
    }

    Json give_up(const YAML::Node& node, const std::string& path, const std::string& why) {
        if (!given_up_) add(node, as_prose(path, 200), why);
        given_up_ = true;
        return nullptr;
    }

    void add(const YAML::Node& node, const std::string& path, std::string message) {
        document_.problems.push_back({path, std::move(message), oms::api::line_of(node.Mark())});
    }

    YamlDocument document_;
    int count_ = 0;
    bool given_up_ = false;
};

[[noreturn]] void refuse(std::string_view source, std::string message, int line = 0) {
    throw BadManifest(source, {{"", std::move(message), line}});
}

}  // namespace

int YamlDocument::line_of(std::string_view path) const {
    while (true) {
        const auto found = lines.find(std::string(path));
        if (found != lines.end()) return found->second;
        if (path.empty()) return 0;
        const auto cut = path.find_last_of(".[");
        path = cut == std::string_view::npos ? std::string_view{} : path.substr(0, cut);
    }
}

Json resolve_plain(const std::string& text) {
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
        return nullptr;
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    return resolve_number(text);
}

std::vector<YamlDocument> read_yaml(std::string_view text, std::string_view source) {
    if (text.size() > kManifestBytesMax)
        refuse(source, "is bigger than 1 MiB, which no manifest is");
    if (!is_utf8(text) || text.find('\0') != std::string_view::npos)
        refuse(source, "is not a text file in UTF-8");
    std::vector<YamlDocument> documents;
    try {
        const auto roots = YAML::LoadAll(std::string(text));
        if (roots.size() > kDocumentsMax)
            refuse(source, "has more than " + std::to_string(kDocumentsMax) + " documents");
        for (const YAML::Node& root : roots)
            if (!root.IsNull()) documents.push_back(Conversion{}.convert(root));
    } catch (const YAML::Exception& error) {
        refuse(source, "is not YAML: " + error.msg, line_of(error.mark));
    }
    return documents;
}

}  // namespace oms::api
