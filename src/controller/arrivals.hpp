#pragma once

#include "api/oms_upgrade.hpp"

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace oms::controller {

/// The texts of resources that have just come, until somebody looks at them a moment later: then
/// the API server need not be asked for what it has told already. No cache: what does not fit is
/// read when it is looked at, and so is whatever is looked at a second time.
class Arrivals {
public:
    static constexpr std::size_t kBytesMax = 2U << 20U;

    /// What came last counts. An empty text makes void what came before.
    void put(const api::Key&, std::string_view object);

    /// Empty: read it.
    std::optional<std::string> take(const api::Key&);

private:
    std::optional<std::string> take_locked(const api::Key&);

    std::mutex mutex_;
    std::map<api::Key, std::string> objects_;
    std::size_t bytes_ = 0;
};

}  // namespace oms::controller
