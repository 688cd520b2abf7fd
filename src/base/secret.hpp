#pragma once

#include <ostream>
#include <string>
#include <utility>

namespace oms {

/// A password, token or key. Prints as `***`; reveal() is the only way to its
/// value, so a search for reveal() finds every place that handles one.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}

    const std::string& reveal() const { return value_; }
    bool empty() const { return value_.empty(); }

    bool operator==(const Secret&) const = default;

private:
    std::string value_;
};

inline std::ostream& operator<<(std::ostream& out, const Secret&) {
    return out << "***";
}

}  // namespace oms
