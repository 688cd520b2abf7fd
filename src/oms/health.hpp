#pragma once

#include <string_view>

namespace oms {

/// True when /oms/health answered {"data": {"healthy": true}} (oms-facts 5.1). Anything else, a
/// proxy's error page or half an answer included, is not healthy. Bodies above 64 KiB are not read.
bool is_healthy(std::string_view body);

}  // namespace oms
