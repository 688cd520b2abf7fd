#include "kube/selector.hpp"

#include "base/error.hpp"
#include "http/transport.hpp"

#include <algorithm>
#include <cctype>

namespace oms::kube {
namespace {

// What the API server takes; a longer one is refused there.
constexpr std::size_t kNameMax = 63;
constexpr std::size_t kPrefixMax = 253;
constexpr std::size_t kTextMax = 4096;

bool is_plain(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool is_of_word(char c) {
    return is_plain(c) || c == '-' || c == '_' || c == '.' || c == '/';
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= kNameMax && is_plain(text.front()) &&
           is_plain(text.back()) && text.find('/') == std::string_view::npos;
}

bool is_key(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return is_name(text);
    const std::string_view prefix = text.substr(0, slash);
    return !prefix.empty() && prefix.size() <= kPrefixMax && is_plain(prefix.front()) &&
           is_plain(prefix.back()) && is_name(text.substr(slash + 1));
}

}  // namespace

class Selector::Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    std::vector<Requirement> read() {
        std::vector<Requirement> found;
        if (text_.size() > kTextMax) fail("it is too long");
        do found.push_back(requirement());
        while (take(","));
        skip();
        if (at_ != text_.size()) fail("there is something left");
        return found;
    }

private:
    Requirement requirement() {
        const bool absent = take("!");
        Requirement one{.key = word()};
        if (!is_key(one.key)) fail("\"" + one.key + "\" cannot be the name of a label");
        if (absent) {
            one.wanted = false;
        } else if (take("!=")) {
            one.wanted = false;
            one.values = {value()};
        } else if (take("==") || take("=")) {
            one.values = {value()};
        } else if (take_word("notin")) {
            one.wanted = false;
            one.values = values();
        } else if (take_word("in")) {
            one.values = values();
        }
        return one;
    }

    std::vector<std::string> values() {
        std::vector<std::string> found;
        if (!take("(")) fail("a ( is missing");
        do found.push_back(value());
        while (take(","));
        if (!take(")")) fail("a ) is missing");
        return found;
    }

    std::string value() {
        std::string found = word();
        if (!found.empty() && !is_name(found))
            fail("\"" + found + "\" cannot be the value of a label");
        return found;
    }

    std::string word() {
        skip();
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_of_word(text_[at_])) ++at_;
        return std::string(text_.substr(begin, at_ - begin));
    }

    bool take(std::string_view mark) {
        skip();
        if (!text_.substr(at_).starts_with(mark)) return false;
        at_ += mark.size();
        return true;
    }

    bool take_word(std::string_view wanted) {
        const std::size_t before = at_;
        if (word() == wanted) return true;
        at_ = before;
        return false;
    }

    void skip() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    }

    [[noreturn]] void fail(const std::string& what) const {
        throw Terminal("\"" + std::string(text_.substr(0, kNameMax)) +
                       "\" is no label selector: " + what + " at character " +
                       std::to_string(at_ + 1) + "; it looks like team=bank,region in (a,b)");
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

Selector::Selector(std::string_view text) : text_(text) {
    if (!text.empty()) requirements_ = Reader(text).read();
}

bool Selector::matches(const std::map<std::string, std::string>& labels) const {
    return std::all_of(requirements_.begin(), requirements_.end(), [&](const Requirement& one) {
        const auto label = labels.find(one.key);
        const bool has =
            label != labels.end() &&
            (one.values.empty() ||
             std::find(one.values.begin(), one.values.end(), label->second) != one.values.end());
        return has == one.wanted;
    });
}

std::string Selector::query() const {
    return is_everything() ? "" : "?labelSelector=" + http::encode(text_);
}

}  // namespace oms::kube
