#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace oms::metadb {

/// Cuts SQL text into statements as the stock clients do: quotes, backslashes, comments and
/// DELIMITER lines heeded; comments between statements left out.
class Statements {
public:
    /// `more` gives the next piece of text, of any size; empty: the end. A statement longer than
    /// `bytes_max` is Terminal.
    explicit Statements(std::function<std::string_view()> more, std::size_t bytes_max = 1U << 30U);

    /// The next statement without its delimiter; empty at the end. Terminal when the text ends
    /// within one.
    std::optional<std::string> next();

private:
    bool fill();
    bool has(std::size_t bytes);
    bool skip_between();
    void skip_line();
    bool take_delimiter_line();
    std::size_t find_end();
    void pass_quoted(std::size_t& at, char quote);
    bool pass_comment(std::size_t& at);

    std::function<std::string_view()> more_;
    std::size_t bytes_max_;
    std::string text_;
    std::size_t at_ = 0;
    bool is_at_end_ = false;
    std::string delimiter_ = ";";
};

}  // namespace oms::metadb
