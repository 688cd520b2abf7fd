#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// For the .cpp files of this room: the members of a JSON object together with where they stand in
// the text, so that an edit can leave every other byte alone.
namespace oms {

/// One `"key": value` of the outermost object, as places in the text.
struct JsonMember {
    std::string key;         // decoded
    std::size_t key_at = 0;  // its opening quote
    std::size_t key_end = 0;
    std::size_t value_at = 0;
    std::size_t value_end = 0;
    std::size_t gap = 0;  // white space before the key begins here
};

/// The members of the outermost object. `json` must be a valid JSON object.
std::vector<JsonMember> members_of(std::string_view json);

/// The text with the value of `key` replaced by `value`; a key that is missing is put behind the
/// last one, with the white space the last one has. The object must not be empty.
std::string with_value(std::string_view json, const std::string& key, const std::string& value);

}  // namespace oms
