#include "metadb/statements.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <array>

namespace oms::metadb {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

bool is_space(char byte) {
    return kSpace.find(byte) != std::string_view::npos;
}

// Which bytes a search stops at. A table, since find_first_of looks at each byte of its set for
// each byte of the text, and a dump is long.
class ByteSet {
public:
    explicit ByteSet(std::string_view bytes) {
        for (const char byte : bytes) is_in_[static_cast<unsigned char>(byte)] = true;
    }

    std::size_t find(const std::string& text, std::size_t at) const {
        for (; at < text.size(); ++at)
            if (is_in_[static_cast<unsigned char>(text[at])]) return at;
        return std::string::npos;
    }

private:
    std::array<bool, 256> is_in_{};
};

[[noreturn]] void cut_off(const char* within) {
    throw Terminal(std::string("the dump ends within a ") + within +
                   "; it was not written to its end, or not by this operator");
}

}  // namespace

Statements::Statements(std::function<std::string_view()> more, std::size_t bytes_max)
    : more_(std::move(more)), bytes_max_(bytes_max) {}

bool Statements::fill() {
    if (is_at_end_) return false;
    const std::string_view piece = more_();
    if (piece.empty()) {
        is_at_end_ = true;
        return false;
    }
    if (text_.size() + piece.size() - at_ > bytes_max_ + piece.size()) {
        throw Terminal("the dump holds a statement of more than " + std::to_string(bytes_max_) +
                       " bytes; it is not one of this operator's");
    }
    text_ += piece;
    return true;
}

// Whether so many bytes can be looked at from the start of text_.
bool Statements::has(std::size_t bytes) {
    while (text_.size() < bytes)
        if (!fill()) return false;
    return true;
}

void Statements::skip_line() {
    for (std::size_t end = text_.find('\n', at_);; end = text_.find('\n', at_)) {
        if (end != std::string::npos) {
            at_ = end + 1;
            return;
        }
        at_ = text_.size();
        if (!fill()) return;
    }
}

bool Statements::take_delimiter_line() {
    constexpr std::string_view kWord = "DELIMITER ";
    if (!has(at_ + kWord.size()) || text_.compare(at_, kWord.size(), kWord) != 0) return false;
    const std::size_t begin = at_ + kWord.size();
    std::size_t end = begin;
    while (has(end + 1) && text_[end] != '\n') ++end;
    delimiter_ = text_.substr(begin, end - begin);
    while (!delimiter_.empty() && is_space(delimiter_.back())) delimiter_.pop_back();
    if (delimiter_.empty()) throw Terminal("the dump holds a DELIMITER line without a delimiter");
    at_ = end;
    return true;
}

// To the first byte of the next statement; false at the end.
bool Statements::skip_between() {
    while (has(at_ + 1)) {
        if (is_space(text_[at_])) {
            ++at_;
        } else if (text_[at_] == '#' || (has(at_ + 3) && text_.compare(at_, 3, "-- ") == 0)) {
            skip_line();
        } else if (!take_delimiter_line()) {
            return true;
        }
    }
    return false;
}

// `at` stands on the opening quote; afterwards behind the closing one.
void Statements::pass_quoted(std::size_t& at, char quote) {
    // In backticks a backslash is a letter like any other.
    static const ByteSet in_single("'\\");
    static const ByteSet in_double("\"\\");
    static const ByteSet in_backticks("`");
    const ByteSet& special = quote == '\'' ? in_single : quote == '"' ? in_double : in_backticks;
    ++at;
    while (true) {
        const std::size_t found = special.find(text_, at);
        if (found == std::string::npos) {
            at = text_.size();
            if (!fill()) cut_off("quoted text");
            continue;
        }
        at = found + 1;
        if (text_[found] == quote) return;
        if (!has(at + 1)) cut_off("quoted text");
        ++at;
    }
}

// Within a statement a comment is kept: it may be one that the server obeys (/*!40101 … */).
bool Statements::pass_comment(std::size_t& at) {
    if (!has(at + 3)) return false;
    const bool block = text_.compare(at, 2, "/*") == 0;
    if (!block && text_[at] != '#' && text_.compare(at, 3, "-- ") != 0) return false;
    const std::string_view end = block ? "*/" : "\n";
    at += block ? 2 : 1;
    while (true) {
        const std::size_t found = text_.find(end, at);
        if (found != std::string::npos) {
            at = found + end.size();
            return true;
        }
        // The end may be cut in two between this piece and the next.
        at = std::max(at, text_.size() - 1);
        if (!fill()) cut_off("comment");
    }
}

// Where the delimiter of the statement at at_ stands.
std::size_t Statements::find_end() {
    const ByteSet special(std::string("'\"`#-/") + delimiter_.front());
    for (std::size_t at = at_;;) {
        at = special.find(text_, at);
        if (at == std::string::npos) {
            at = text_.size();
            if (!fill()) cut_off("statement");
            continue;
        }
        const char byte = text_[at];
        if (has(at + delimiter_.size()) && text_.compare(at, delimiter_.size(), delimiter_) == 0)
            return at;
        if (byte == '\'' || byte == '"' || byte == '`') {
            pass_quoted(at, byte);
        } else if (!pass_comment(at)) {
            ++at;
        }
    }
}

std::optional<std::string> Statements::next() {
    text_.erase(0, at_);
    at_ = 0;
    if (!skip_between()) return std::nullopt;
    const std::size_t end = find_end();
    std::string statement = text_.substr(at_, end - at_);
    at_ = end + delimiter_.size();
    return statement;
}

}  // namespace oms::metadb
