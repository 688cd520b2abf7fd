#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// For the .cpp files of this room: a YAML document together with where each value stands in the
// text, so that an edit can leave every other byte alone.
namespace oms {

/// A text that is not the YAML we are ready to read. what() is both parts in one sentence; neither
/// holds anything of the text itself, which may be a password.
struct Unreadable : Terminal {
    Unreadable(std::string what_is_wrong, std::string what_to_do)
        : Terminal("config.yaml: " + what_is_wrong + "; " + what_to_do),
          wrong(std::move(what_is_wrong)),
          remedy(std::move(what_to_do)) {}

    std::string wrong;
    std::string remedy;
};

struct YamlEntry;

struct YamlNode {
    enum class Kind { Null, Scalar, Sequence, Map };

    Kind kind = Kind::Null;
    std::string tag;    // as yaml-cpp resolves it: "?" for plain, "!" for quoted, else spelt out
    std::string value;  // of a Scalar
    std::vector<YamlNode> items;     // of a Sequence
    std::vector<YamlEntry> entries;  // of a Map, doubled keys included
    std::size_t at = 0;              // byte where it begins, tag included; of no meaning for Null
    std::size_t limit = 0;  // byte where whatever follows it begins, or the end of the text
    std::size_t line = 0;   // of `at`, counted from 1
    bool flow = false;      // stands inside [] or {}, or is one

    bool is_map() const { return kind == Kind::Map; }
    bool is_scalar() const { return kind == Kind::Scalar; }
};

struct YamlEntry {
    YamlNode key;
    YamlNode value;
};

/// UTF-8's byte order mark when the text begins with one, else empty.
std::string_view byte_order_mark(std::string_view text);

/// Reads one document without expanding anything: aliases and anchors are refused, and so are
/// texts that are too long or too deep, not UTF-8, or hold several documents. The text must not
/// begin with a byte order mark. Throws Unreadable.
YamlNode read_yaml(std::string_view text);

/// The byte after the last one of a value. Outside of [] and {} it is the end of a line (its
/// newline not included), so that a comment behind the value belongs to it.
std::size_t end_of_value(std::string_view text, const YamlNode& value);

std::size_t start_of_line(std::string_view text, std::size_t at);

/// The byte of the newline that ends the line, or the end of the text.
std::size_t end_of_line(std::string_view text, std::size_t at);

/// A value written so that two values are equal exactly when this is: tags count, the order of a
/// map's keys and the places in the text do not.
std::string canonical(const YamlNode&);

}  // namespace oms
