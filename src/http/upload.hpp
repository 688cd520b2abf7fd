#pragma once

#include "http/transport.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace oms::http {

/// The bytes of one request on their way out: its head, then its body, never more than one
/// buffer of it in memory.
class Upload {
public:
    explicit Upload(const Request&);

    /// What is to be sent next; empty when all was sent. Reads on from the source.
    std::string_view pending();
    void sent(std::size_t size) { at_ += size; }

    /// Nothing more will be sent: the other side has answered already, or hung up.
    void abandon();
    bool complete() const { return finished_ && at_ == buffer_.size(); }

private:
    void refill();

    const Request& request_;
    std::string buffer_;
    std::size_t at_ = 0;
    std::uint64_t from_source_ = 0;
    bool finished_ = false;
    bool abandoned_ = false;
};

}  // namespace oms::http
