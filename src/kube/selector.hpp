#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace oms::kube {

/// A label selector, as kubectl's -l takes it: "team=bank,tier!=test,region in (a, b),!legacy".
class Selector {
public:
    /// Everything.
    Selector() = default;

    /// Throws Terminal with what is wrong and where. An empty text selects everything.
    explicit Selector(std::string_view text);

    bool matches(const std::map<std::string, std::string>& labels) const;
    bool is_everything() const { return requirements_.empty(); }

    /// For the end of a collection's path: "?labelSelector=..."; empty for everything.
    std::string query() const;

private:
    struct Requirement {
        std::string key;
        std::vector<std::string> values;  // empty: any
        bool wanted = true;               // false: no label of that key has one of these values
    };

    class Reader;

    std::string text_;
    std::vector<Requirement> requirements_;
};

}  // namespace oms::kube
