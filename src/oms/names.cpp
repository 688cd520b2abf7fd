#include "oms/names.hpp"

namespace oms {

std::string default_container_name(const Version& version) {
    return "oms_" + std::to_string(version.major) + std::to_string(version.minor) +
           std::to_string(version.patch);
}

}  // namespace oms
