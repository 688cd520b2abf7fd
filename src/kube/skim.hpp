#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oms::kube {

/// JSON text, read piece by piece without building a tree of it. Ten thousand objects come past in
/// a list, of each we need a handful of fields, and two thirds of the text are managedFields.
///
/// Pieces that are passed over are measured (quotes, brackets), not checked. All of it throws
/// Transient when the text ends too early or is not JSON where it has to be read.

/// The members of an object, in their order.
class Members {
public:
    struct Member {
        std::string_view key;    // between its quotes, escapes as they stand
        std::string_view value;  // the whole value, as it stands
    };

    explicit Members(std::string_view object);
    /// The pieces point into the text.
    template <std::same_as<std::string> Temporary>
    // NOLINTNEXTLINE(bugprone-forwarding-reference-overload): only a std::string fits it
    explicit Members(Temporary&&) = delete;

    std::optional<Member> next();

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

/// The elements of an array, in their order, as they stand.
class Elements {
public:
    explicit Elements(std::string_view array);
    template <std::same_as<std::string> Temporary>
    // NOLINTNEXTLINE(bugprone-forwarding-reference-overload): only a std::string fits it
    explicit Elements(Temporary&&) = delete;

    std::optional<std::string_view> next();

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

/// The value of a JSON string; empty when the value is something else.
std::string as_text(std::string_view value);

/// The value of a JSON integer; 0 when the value is something else.
std::int64_t as_number(std::string_view value);

bool is_object(std::string_view value);
bool is_array(std::string_view value);

}  // namespace oms::kube
