#include "oms/json_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace oms {
namespace {

constexpr std::string_view kJsonSpace = " \t\r\n";

std::size_t skip_space(std::string_view json, std::size_t at) {
    return std::min(json.find_first_not_of(kJsonSpace, at), json.size());
}

std::size_t end_of_string(std::string_view json, std::size_t at) {
    for (++at; at < json.size() && json[at] != '"'; ++at) {
        if (json[at] == '\\') ++at;
    }
    return std::min(at + 1, json.size());
}

/// The end of the value that begins at `at`: behind its closing quote or bracket, else where white
/// space, a comma or the object's own bracket follows.
std::size_t end_of_json(std::string_view json, std::size_t at) {
    constexpr std::string_view kNumberEnds = " \t\r\n,]}";
    const char first = json[at];
    if (first == '"') return end_of_string(json, at);
    if (first != '{' && first != '[')
        return std::min(json.find_first_of(kNumberEnds, at), json.size());
    std::size_t depth = 0;
    do {
        const char c = json[at];
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
        at = c == '"' ? end_of_string(json, at) : at + 1;
    } while (depth > 0 && at < json.size());
    return at;
}

}  // namespace

std::vector<JsonMember> members_of(std::string_view json) {
    std::vector<JsonMember> members;
    std::size_t at = std::min(json.find('{'), json.size());
    // Each round begins at the bracket or comma before a member.
    while (at < json.size() && json[at] != '}') {
        JsonMember member;
        member.gap = at + 1;
        member.key_at = skip_space(json, member.gap);
        if (member.key_at == json.size() || json[member.key_at] != '"') break;
        member.key_end = end_of_string(json, member.key_at);
        member.key =
            nlohmann::json::parse(json.substr(member.key_at, member.key_end - member.key_at))
                .get<std::string>();
        member.value_at = skip_space(json, skip_space(json, member.key_end) + 1);
        member.value_end = end_of_json(json, member.value_at);
        at = skip_space(json, member.value_end);
        members.push_back(std::move(member));
    }
    return members;
}

std::string with_value(std::string_view json, const std::string& key, const std::string& value) {
    const auto members = members_of(json);
    const auto found = std::find_if(members.begin(), members.end(), [&](const JsonMember& member) {
        return member.key == key;
    });
    if (found != members.end()) {
        return std::string(json.substr(0, found->value_at)) + value +
               std::string(json.substr(found->value_end));
    }
    const JsonMember& last = members.back();
    std::string added = ",";
    added += json.substr(last.gap, last.key_at - last.gap);
    added += nlohmann::json(key).dump();
    added += json.substr(last.key_end, last.value_at - last.key_end);
    added += value;
    return std::string(json.substr(0, last.value_end)) + added +
           std::string(json.substr(last.value_end));
}

}  // namespace oms
