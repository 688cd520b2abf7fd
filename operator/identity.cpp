#include "identity.hpp"

#include <array>
#include <fstream>
#include <unistd.h>

namespace oms::app {

std::string host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "oms-operator";
    return name.data();
}

std::string identity() {
    std::string id;
    std::ifstream("/proc/sys/kernel/random/uuid") >> id;
    return host_name() + "_" + (id.empty() ? std::to_string(::getpid()) : id);
}

}  // namespace oms::app
