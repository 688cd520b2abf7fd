#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace oms {

/// A running SHA-256.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    void update(std::string_view bytes);

    /// The 32 raw bytes; the object is as new afterwards.
    std::string finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

std::string to_hex(std::string_view bytes);

/// SHA-256 of `bytes` as 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace oms
