#include "api/json_reader.hpp"

#include "api/spelling.hpp"
#include "base/utf8.hpp"

#include <algorithm>

namespace oms::api {
namespace {

constexpr std::size_t kShownBytesMax = 60;

}  // namespace

std::string describe(const nlohmann::json& value) {
    switch (value.type()) {
        case nlohmann::json::value_t::null:
            return "nothing";
        case nlohmann::json::value_t::object:
            return "an object";
        case nlohmann::json::value_t::array:
            return "a list";
        case nlohmann::json::value_t::boolean:
            return value.get<bool>() ? "true" : "false";
        case nlohmann::json::value_t::string:
            return "\"" + as_prose(value.get_ref<const std::string&>(), kShownBytesMax) + "\"";
        default:
            return "the number " + value.dump();
    }
}

void JsonReader::refuse(const nlohmann::json& from,
                        const std::string& path,
                        std::string_view wanted) {
    add(path, "must be " + std::string(wanted) + ", but is " + describe(from));
}

void JsonReader::refuse_name(const nlohmann::json& from,
                             const std::string& path,
                             const std::vector<std::string_view>& names) {
    const auto* text = from.get_ptr<const std::string*>();
    const auto meant = text == nullptr ? std::nullopt : did_you_mean(*text, names);
    refuse(from, path, join_or(names));
    if (meant) problems_.back().message += ": did you mean " + std::string(*meant) + "?";
}

bool JsonReader::is_object(const nlohmann::json& from, const std::string& path) {
    if (!from.is_object()) refuse(from, path, "an object");
    return from.is_object();
}

void JsonReader::refuse_unknown(const nlohmann::json& object,
                                const std::string& path,
                                const std::vector<std::string_view>& known) {
    if (unknown_ == Unknown::Ignored) return;
    for (const auto& [name, value] : object.items()) {
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        const std::string shown = as_prose(name, kShownBytesMax);
        const auto meant = did_you_mean(name, known);
        add(path.empty() ? shown : path + "." + shown,
            meant ? "is not a known field: did you mean " + std::string(*meant) + "?"
                  : "is not a known field: only " + join_or(known) + " may stand here");
    }
}

void JsonReader::read_plain(const nlohmann::json& from,
                            const std::string& path,
                            std::string& into) {
    if (const auto* text = from.get_ptr<const std::string*>()) {
        into = *text;
        return;
    }
    refuse(from, path, "text");
    if (from.is_primitive()) problems_.back().message += ": put it in quotes";
}

void JsonReader::read_plain(const nlohmann::json& from, const std::string& path, bool& into) {
    if (!from.is_boolean()) return refuse(from, path, "true or false");
    into = from.get<bool>();
}

void JsonReader::read_plain(const nlohmann::json& from, const std::string& path, Time& into) {
    const auto* text = from.get_ptr<const std::string*>();
    const auto time = text == nullptr ? std::nullopt : from_rfc3339(*text);
    if (!time) return refuse(from, path, "a time such as 2026-01-31T12:00:00Z");
    into = *time;
}

bool JsonReader::read_int64(const nlohmann::json& from,
                            const std::string& path,
                            std::int64_t least,
                            std::int64_t most,
                            std::int64_t& into) {
    constexpr std::uint64_t kInt64Max = std::numeric_limits<std::int64_t>::max();
    const bool fits = !from.is_number_unsigned() || from.get<std::uint64_t>() <= kInt64Max;
    if (from.is_number_integer() && fits) {
        const auto number = from.get<std::int64_t>();
        if (number >= least && number <= most) {
            into = number;
            return true;
        }
    }
    if (!from.is_number_integer()) {
        refuse(from, path, "a whole number");
    } else {
        refuse(from,
               path,
               "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return false;
}

}  // namespace oms::api
