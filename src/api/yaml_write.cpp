#include "api/json.hpp"
#include "api/manifest.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>

namespace oms::api {
namespace {

using Json = nlohmann::json;

// Words that YAML 1.1, which kubectl reads, takes for something else than text.
constexpr std::array<std::string_view, 9> kNotText{
    "true", "false", "null", "yes", "no", "on", "off", "y", "n"};

bool is_plain(const std::string& text) {
    const auto safe = [](unsigned char letter) {
        return std::isalnum(letter) != 0 ||
               std::string_view("_./:@-").find(static_cast<char>(letter)) != std::string_view::npos;
    };
    if (text.empty() ||
        (std::isalpha(static_cast<unsigned char>(text.front())) == 0 && text.front() != '/'))
        return false;
    if (text.back() == ':' || !std::all_of(text.begin(), text.end(), safe)) return false;
    std::string word = text;
    for (char& letter : word)
        letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    return std::find(kNotText.begin(), kNotText.end(), word) == kNotText.end();
}

bool is_block(const Json& value) {
    return value.is_structured() && !value.empty();
}

// A JSON string is a double-quoted YAML one, every escape of it included.
std::string write_inline(const Json& value) {
    if (value.is_string() && is_plain(value.get_ref<const std::string&>()))
        return value.get<std::string>();
    return value.dump();
}

void write_block(std::string& out, const Json& value, std::size_t indent);

void write_after_key(std::string& out, const Json& value, std::size_t indent) {
    if (is_block(value)) {
        out += '\n';
        write_block(out, value, indent);
    } else {
        out += ' ' + write_inline(value) + '\n';
    }
}

void write_list(std::string& out, const Json& list, std::size_t indent) {
    for (const Json& one : list) {
        const std::size_t begin = out.size();
        if (is_block(one)) {
            write_block(out, one, indent + 2);
        } else {
            out += std::string(indent + 2, ' ') + write_inline(one) + '\n';
        }
        out[begin + indent] = '-';
    }
}

void write_block(std::string& out, const Json& value, std::size_t indent) {
    if (value.is_array()) return write_list(out, value, indent);
    for (const auto& [key, inner] : value.items()) {
        out += std::string(indent, ' ') + write_inline(key) + ':';
        write_after_key(out, inner, indent + 2);
    }
}

}  // namespace

std::string to_yaml(const OmsUpgrade& upgrade) {
    std::string out;
    write_block(out, to_json(upgrade), 0);
    return out;
}

}  // namespace oms::api
