#pragma once

#include "api/oms_upgrade.hpp"

namespace oms::api {

/// A resource with every field said, and none with its default. Its spec is valid.
OmsUpgrade full();

/// The smallest manifest's, valid.
OmsUpgrade smallest();

}  // namespace oms::api
